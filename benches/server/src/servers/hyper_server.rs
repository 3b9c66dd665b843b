//! What the servers on bare hyper share: a thread, a listener, and a task for each connection.

use std::io;
use std::thread;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use super::Running;

/// Serves with this function on a thread that lives as long as the process.
pub fn start<F, A>(answer: F) -> io::Result<Running>
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = hyper::Result<Response<Full<Bytes>>>> + Send + 'static,
{
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    thread::spawn(move || runtime.block_on(serve(&listener, answer)));
    Ok(Running { address, _keep: Box::new(()) })
}

async fn serve<F, A>(listener: &TcpListener, answer: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = hyper::Result<Response<Full<Bytes>>>> + Send + 'static,
{
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let service = service_fn(answer.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
