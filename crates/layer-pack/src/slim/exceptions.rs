//! Packages that are known to need what a rule would leave out. What their code or bytes show is found without them; here
//! is what no file of theirs shows.

use wheel_tags::DistName;

use super::SlimRule;

/// A package of which a rule leaves everything in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The distribution, normalized.
    pub package: &'static str,
    /// The rule.
    pub rule: SlimRule,
    /// What it needs the files for: a fragment.
    pub reason: &'static str,
    /// Where that is to be seen.
    pub source: &'static str,
}

const fn row(package: &'static str, rule: SlimRule, reason: &'static str, source: &'static str) -> Exception {
    Exception { package, rule, reason, source }
}

/// The table, by package.
pub static EXCEPTIONS: &[Exception] = &[
    row(
        "cffi",
        SlimRule::Headers,
        "its recompiler copies them into the C sources that it writes",
        "cffi/recompiler.py",
    ),
    row("cupy", SlimRule::Headers, "it compiles kernels at run time, against them", "cupy/cuda/compiler.py"),
    row("cupy-cuda11x", SlimRule::Headers, "it compiles kernels at run time, against them", "cupy/cuda/compiler.py"),
    row("cupy-cuda12x", SlimRule::Headers, "it compiles kernels at run time, against them", "cupy/cuda/compiler.py"),
    row("cupy-cuda13x", SlimRule::Headers, "it compiles kernels at run time, against them", "cupy/cuda/compiler.py"),
    row("cython", SlimRule::Headers, "its declarations are what it compiles against", "Cython/Includes"),
    row(
        "django",
        SlimRule::Tests,
        "django.test is a package that applications import",
        "https://docs.djangoproject.com/en/stable/topics/testing/tools/",
    ),
    row("jaxlib", SlimRule::Headers, "jax.ffi.include_dir() hands them to compilers", "jax/_src/ffi.py"),
    row("jedi", SlimRule::Pyi, "it completes from the stubs of typeshed", "jedi/third_party/typeshed"),
    row("mypy", SlimRule::Pyi, "it checks types against the stubs of typeshed", "mypy/typeshed"),
    row("numba", SlimRule::Headers, "numba.pycc and numba.cuda compile against them", "numba/pycc/platform.py"),
    row("pybind11", SlimRule::Headers, "the package is its headers", "pybind11/include"),
    row("pytensor", SlimRule::Headers, "it compiles C at run time, against them", "pytensor/tensor/c_code"),
    row("tensorflow", SlimRule::Headers, "tf.sysconfig.get_include() hands them to compilers", "tensorflow/include"),
    row(
        "tensorflow-cpu",
        SlimRule::Headers,
        "tf.sysconfig.get_include() hands them to compilers",
        "tensorflow/include",
    ),
    row(
        "torch",
        SlimRule::Headers,
        "torch.compile and torch.utils.cpp_extension compile against them",
        "torch/include",
    ),
    row("triton", SlimRule::Headers, "it compiles its launchers at run time, against them", "triton/backends"),
    row("ziglang", SlimRule::Headers, "the package is a compiler, and they are its own", "ziglang/lib"),
];

/// The exception that is made of a package for a rule.
pub(super) fn of(package: &DistName, rule: SlimRule) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|exception| exception.rule == rule && exception.package == package.as_str())
}
