//! The stand-alone server. Everything is in the library's `cli/`.

fn main() -> std::process::ExitCode {
    putevents_mock::__private::main()
}
