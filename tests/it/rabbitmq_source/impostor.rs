//! A tiny HTTP server on loopback that says what a test tells it to.

use std::net::Ipv4Addr;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What to do with one request.
pub(crate) enum Say {
    /// These bytes, then close.
    Bytes(Vec<u8>),
    /// Nothing, and keep the connection open.
    Nothing,
}

/// Serves until the test's runtime ends; gives the URL. `answer` gets the
/// request's path and query.
pub(crate) async fn serve(answer: impl Fn(&str) -> Say + Send + Sync + 'static) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Ok(path) = path(&mut stream).await else { continue };
            match answer(&path) {
                Say::Bytes(bytes) => {
                    let _sent = stream.write_all(&bytes).await;
                    let _closed = stream.shutdown().await;
                }
                Say::Nothing => kept.push(stream),
            }
        }
    });
    Ok(url)
}

/// A whole answer.
pub(crate) fn http(status: &str, kind: &str, body: &str) -> Say {
    let length = body.len();
    Say::Bytes(
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
        .into_bytes(),
    )
}

/// A whole answer of JSON.
pub(crate) fn json(body: &str) -> Say {
    http("200 OK", "application/json", body)
}

async fn path(stream: &mut TcpStream) -> Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    Ok(head.split(' ').nth(1).unwrap_or_default().to_owned())
}
