//! PEP 751 locks: reading good and bad ones, the way from and to a resolution, staleness, and properties.

mod make;
mod properties;
mod reading;
mod resolutions;
mod several;
mod staleness;
mod survey;
