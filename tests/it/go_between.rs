//! A man in the middle on loopback: hands a broker's answers on, or does not.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What it does with connections, those already open included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Hands everything on.
    Pass,
    /// Answers with a web page.
    Html,
    /// Takes the question and says nothing.
    Nothing,
}

pub(crate) struct GoBetween {
    port: u16,
    does: watch::Sender<Does>,
    asked: Arc<AtomicUsize>,
}

impl GoBetween {
    /// Stands before `url` until the test's runtime ends.
    pub(crate) async fn start(url: &str) -> Result<Self> {
        let broker = url.strip_prefix("http://").context("plain HTTP")?.to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (port, asked) = (listener.local_addr()?.port(), Arc::new(AtomicUsize::new(0)));
        let (does, told) = watch::channel(Does::Pass);
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (broker, mut told) = (broker.clone(), told.clone());
                tokio::spawn(async move {
                    let now = *told.borrow_and_update();
                    tokio::select! {
                        _closed = handle(stream, now, &broker) => (),
                        // Its connections are closed when it changes its mind.
                        _ = told.changed() => (),
                    }
                });
            }
        });
        Ok(Self { port, does, asked })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn does(&self, what: Does) {
        self.does.send_replace(what);
    }

    /// Connections so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn handle(mut stream: TcpStream, does: Does, broker: &str) -> Result<()> {
    match does {
        Does::Pass => {
            let mut there = TcpStream::connect(broker).await?;
            copy_bidirectional(&mut stream, &mut there).await?;
        }
        Does::Nothing => std::future::pending().await,
        Does::Html => {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await?);
            }
            let page = "<html><body>Welcome to nginx!</body></html>";
            let length = page.len();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{page}"
            );
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
        }
    }
    Ok(())
}
