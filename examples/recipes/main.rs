//! The recipes. Each file has a publisher and the tests that find its bugs. `examples/README.md` lists them.

mod back_off;
mod background;
mod beside_wiremock;
mod child_process;
mod consumer;
mod lambda;
mod partial_failure;
mod publisher_check;
mod request_failure;
mod rules;
mod table;
