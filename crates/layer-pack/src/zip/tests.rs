use std::num::NonZeroUsize;
use std::time::Duration;

use proptest::prelude::*;
use wheel_archive::{EntryPath, Sha256};

use super::*;
use crate::{LocalFile, PlanOptions, plan};

fn jobs(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("at least one job")
}

fn files(contents: &[Vec<u8>]) -> Vec<LocalFile> {
    let named = contents.iter().enumerate().map(|(at, bytes)| {
        let path: EntryPath = format!("python/file{at}").parse().expect("a plain path");
        LocalFile::new(path.into(), bytes.clone())
    });
    named.collect()
}

proptest! {
    #[test]
    fn any_window_of_the_image_is_that_part_of_the_whole(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let plan = plan(&[], &files(&contents), &PlanOptions::default()).expect("a plan");
        let image = Image::of(&plan).expect("it fits");
        let mut whole = vec![0; usize::try_from(image.len()).expect("small")];
        image.read(0, &mut whole).expect("memory can be read");
        let (a, b) = (from.index(whole.len()), to.index(whole.len()));
        let (from, to) = (a.min(b), a.max(b));
        let mut part = vec![0xAA; to - from];
        image.read(from as u64, &mut part).expect("memory can be read");
        prop_assert_eq!(&part, &whole[from..to]);
    }

    #[test]
    fn chunks_come_in_order_whoever_fills_them(len in 0..400_u64, chunk in 1..60_usize, count in 1..6_usize) {
        let byte = |at: u64| u8::try_from(at % 251).expect("below 251");
        let mut taken = Vec::new();
        let digest = in_order(
            len,
            chunk,
            jobs(count),
            |offset, buffer| {
                // The later a chunk, the sooner it is filled.
                std::thread::sleep(Duration::from_micros(400_u64.saturating_sub(offset)));
                for (at, to) in (offset..).zip(buffer) {
                    *to = byte(at);
                }
                Ok(())
            },
            |offset, bytes| {
                assert_eq!(offset, taken.len() as u64);
                taken.extend_from_slice(bytes);
                Ok(())
            },
        )
        .expect("nothing fails");
        prop_assert_eq!(&taken, &(0..len).map(byte).collect::<Vec<_>>());
        prop_assert_eq!(digest, Sha256::of(&taken));
    }
}

#[test]
fn the_first_failure_in_the_file_is_the_one_that_is_told() {
    for count in 1..8 {
        let mut taken = 0;
        let result = in_order(
            1000,
            10,
            jobs(count),
            |offset, _| {
                let entries = usize::try_from(offset).expect("small");
                if offset < 200 { Ok(()) } else { Err(PackError::TooManyEntries { entries }) }
            },
            |_, _| {
                taken += 1;
                Ok(())
            },
        );
        assert!(matches!(result, Err(PackError::TooManyEntries { entries: 200 })), "{count}: {result:?}");
        assert_eq!(taken, 20);
    }
}

#[test]
fn a_failure_to_take_stops_the_readers() {
    let result = in_order(u64::MAX / 2, 1, jobs(4), |_, _| Ok(()), |_, _| Err(PackError::TooLarge));
    assert!(matches!(result, Err(PackError::TooLarge)));
}
