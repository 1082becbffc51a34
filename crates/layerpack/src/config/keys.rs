//! Every key of the configuration file. A new one is a line here: the file, the page and the schema are made from these
//! tables, and a layer takes it wherever a flag says nothing.

use super::key::{Counts, Key, LayerKey, Said, Stands, key, layer_key};
use super::kind::{
    Arches, ByPackage, Date, FileOfSource, FilePath, FilePaths, FindingCode, Kind, Layers, Name, Names, Number, Places,
    Reserved, Runtimes, Size, String_, Strings, Switch, Word, Words,
};
use super::{ConfiguredIgnore, ConfiguredStack};
use crate::args::{Emit, KeyringArg, LayerArgs, PrereleaseArg, ResolutionArg, SlimArg, StrategyArg};

/// What can be said of layers, of one or of all.
pub(super) const LAYER: &[LayerKey] = &[
    layer_key!(FilePaths, "source" => source.sources, r#""src/layers/pypi""#,
        "What the layer is built from: a folder, a requirement or lock file, or wheels")
    .of_one_layer()
    .required(),
    layer_key!(Runtimes, "runtime" => asking.target.runtime, r#""python3.13""#,
        "The Lambda runtimes that it is built for")
    .in_its_place(),
    layer_key!(Arches, "arch" => asking.target.arch, r#"["arm64", "x86_64"]"#,
        "The architectures that it is built for")
    .in_its_place(),
    layer_key!(Layers, "on-top-of" => asking.below.on_top_of, r#"["x"]"#,
        "The layers that the function has below this one, the lowest first: their versions hold, and nothing of them is packed again")
    .of_one_layer(),
    // Which packages.
    layer_key!(FileOfSource, "from" => source.selection.from, r#""uv.lock""#,
        "The file of the source that says which packages are wanted")
    .of_one_layer(),
    layer_key!(Names, "extra" => source.selection.extra, r#"["postgres"]"#,
        "Extras of the project or lock")
    .of_one_layer(),
    layer_key!(Names, "group" => source.selection.group, r#"["lambda"]"#,
        "Dependency groups of the project or lock")
    .of_one_layer(),
    layer_key!(Name, "package" => source.selection.package, r#""api""#,
        "The member of a uv workspace whose packages are wanted")
    .of_one_layer(),
    layer_key!(FilePaths, "constraint" => source.constraint, r#""constraints.txt""#,
        "Constraints files, which restrict versions")
    .after(&["UV_CONSTRAINT"]),
    layer_key!(FilePaths, "override" => asking.resolve.overrides, r#""overrides.txt""#,
        "Files of requirements that stand in for all others of their packages")
    .after(&["UV_OVERRIDE"]),
    layer_key!(Names, "exclude" => asking.resolve.exclude, r#"["boto3"]"#,
        "Packages that are left out, whoever requires them, and what only they need")
    .after(&["UV_EXCLUDE"]),
    layer_key!(Switch, "no-deps" => asking.resolve.no_deps, "true",
        "Take what is named and nothing that it requires"),
    // Which versions.
    layer_key!(Word<PrereleaseArg>, "prerelease" => asking.resolve.prerelease, r#""allow""#,
        "When a pre-release may be taken")
    .in_its_place(),
    layer_key!(Word<ResolutionArg>, "resolution" => asking.resolve.resolution, r#""highest""#,
        "Which of the versions that will do is taken")
    .in_its_place(),
    layer_key!(Date, "exclude-newer" => asking.resolve.exclude_newer, r#""2026-01-31""#,
        "Take nothing uploaded after a date, a time, or within a span back from now")
    .in_its_place(),
    layer_key!(ByPackage, "exclude-newer-package" => asking.resolve.exclude_newer_package, "{ boto3 = false }",
        "The same for single packages, or `false` to free one"),
    layer_key!(Switch, "require-hashes" => asking.resolve.require_hashes, "true",
        "Demand a hash for every requirement")
    .in_its_place(),
    // Sources.
    layer_key!(Names, "build" => asking.resolve.build, r#"["my-package"]"#,
        "Packages that uv or pip may build from source, or `:all:`"),
    layer_key!(Names, "no-binary" => asking.resolve.no_binary, r#"["my-package"]"#,
        "Packages that are taken from source though they have wheels (with `build`)"),
    layer_key!(Names, "only-binary" => asking.resolve.only_binary, r#"[":all:"]"#,
        "Packages that are never built"),
    // What is written.
    layer_key!(FilePath, "out-dir" => output.out_dir, r#""dist""#,
        "The folder for everything that is built"),
    layer_key!(Words<Emit>, "emit" => output.emit, r#"["zip", "report"]"#,
        "What is written there"),
    layer_key!(Size, "budget" => output.budget, r#""200MB""#,
        "The limit unzipped, with k, M or G (1,024 each)"),
    layer_key!(Reserved, "reserve" => output.reserve, r#"[{ name = "Lambda Web Adapter", size = "5MB" }]"#,
        "What else the function has: weight and a layer's slot each"),
    layer_key!(Words<SlimArg>, "slim" => slim.slim, r#"["tests", "pyi"]"#,
        "The files of packages that are left out, where nothing reads them"),
    layer_key!(Switch, "exclude-runtime-sdk" => sdk.exclude_runtime_sdk, "true",
        "Leave boto3 and what only it needs to the runtime, against AWS's advice"),
    layer_key!(Switch, "flat" => function.flat, "true",
        "Make a function's zip: packages at its root, without python/")
    .of_one_layer(),
    layer_key!(FilePaths, "include" => function.include, r#"["src/app"]"#,
        "Folders that are packed at the function's root (with `flat`)")
    .of_one_layer(),
    // What the judge is told.
    layer_key!(Strings, "provides" => judging.provides, r#"["libgomp.so.1"]"#,
        "Shared libraries that are known to be there"),
    // Indexes.
    layer_key!(String_, "index-url" => asking.index.index_url, r#""https://pypi.example/simple/""#,
        "The default index")
    .in_its_place(),
    layer_key!(Strings, "extra-index-url" => asking.index.extra_index_url, r#"["https://other.example/simple/"]"#,
        "Further indexes, asked after the default one")
    .in_its_place(),
    layer_key!(Strings, "index" => asking.index.index, r#"["private=https://private.example/simple/"]"#,
        "Further indexes, asked before the default one; named, packages can be pinned to them")
    .in_its_place(),
    layer_key!(Word<StrategyArg>, "index-strategy" => asking.index.index_strategy, r#""first-index""#,
        "What happens where several indexes know a project")
    .in_its_place(),
    layer_key!(Places, "find-links" => asking.index.find_links, r#"["wheels"]"#,
        "Folders or pages of wheels that join whatever the index has")
    .in_its_place(),
    layer_key!(Switch, "no-index" => asking.index.no_index, "true",
        "Ask no index, only `find-links` and local wheels")
    .in_its_place(),
    layer_key!(Word<KeyringArg>, "keyring-provider" => asking.index.keyring_provider, r#""subprocess""#,
        "Whether the program `keyring` is asked for credentials")
    .in_its_place(),
    layer_key!(FilePath, "cert" => asking.index.cert, r#""ca.pem""#,
        "Certificates (PEM) to trust besides the system's")
    .in_its_place(),
    layer_key!(FilePath, "client-cert" => asking.index.client_cert, r#""client.pem""#,
        "Client certificate and its key (PEM)")
    .in_its_place(),
    layer_key!(Strings, "trusted-host" => asking.index.trusted_host, r#"["pypi.internal"]"#,
        "Hosts whose certificate is not checked: whoever answers in their name is believed")
    .in_its_place(),
    layer_key!(String_, "proxy" => asking.index.proxy, r#""http://proxy.internal:3128""#,
        "The proxy for all requests")
    .in_its_place(),
    layer_key!(Number, "timeout" => asking.index.timeout, "30",
        "How long a server may stay silent, in seconds")
    .in_its_place(),
    layer_key!(Number, "retries" => asking.index.retries, "3",
        "How often a failed request is tried again")
    .in_its_place(),
    // The run.
    layer_key!(FilePath, "cache-dir" => asking.index.cache_dir, r#"".layerpack-cache""#,
        "Where downloads are kept")
    .after(&["LAYERPACK_CACHE_DIR"])
    .of_the_run(),
];

/// `[stacks.NAME]`.
pub(super) const STACK: &[Key<ConfiguredStack>] = &[
    key!(ConfiguredStack, Layers, "layers" => layers, r#"["x"]"#,
        "The layers of the function: configured ones by their names, finished ones by their paths")
    .required(),
    key!(ConfiguredStack, FilePath, "function" => function, r#""src/app""#,
        "The function's own zip, or the folder that is packed"),
    key!(ConfiguredStack, Reserved, "others" => others, r#"[{ name = "Lambda Web Adapter", size = "5MB" }]"#,
        "What else the function has: weight and a layer's slot each"),
    key!(ConfiguredStack, Size, "budget" => budget, r#""200MB""#,
        "The limit unzipped for all of it, with k, M or G (1,024 each)"),
];

/// `[[ignore]]`.
pub(super) const IGNORE: &[Key<ConfiguredIgnore>] = &[
    key!(ConfiguredIgnore, FindingCode, "code" => code, r#""LP131""#, "The code of the findings that are left out").required(),
    key!(ConfiguredIgnore, Name, "package" => package, r#""numba""#, "The package that they are about; all, where it is not named"),
    key!(ConfiguredIgnore, String_, "reason" => reason, r#""no threading layer used""#, "Why, for whoever reads it later").required(),
];
