//! The keeper's ear: takes orders from the socket, one a connection, and hands
//! them on with a place for the reply. Never acts on one.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::super::control::{LINE_MAX, Reply, Request, SocketPath};
use super::super::layout::VmDir;
use super::note;

/// 16: a host gives orders to a machine one after the other.
const ORDERS_WAITING_MAX: usize = 16;
/// Ten seconds for one line. A host that dies in the middle must not keep us.
const LINE_WITHIN: Duration = Duration::from_secs(10);
/// A tenth of a second, so that a lack of descriptors does not make us spin.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// One second to write replies that are short and local.
const HUSH_WITHIN: Duration = Duration::from_secs(1);

/// An order and where its reply goes.
pub(super) type Asked = (Request, oneshot::Sender<Reply>);

/// Where orders come in.
pub(super) struct Ear {
    /// The orders.
    pub(super) asked: mpsc::Receiver<Asked>,
    accepting: JoinHandle<()>,
    /// Closed once every reply is written.
    answering: mpsc::Receiver<()>,
}

impl Ear {
    /// Listens from now on.
    pub(super) fn open(dir: &VmDir) -> io::Result<Self> {
        let socket = SocketPath::of(dir)?;
        // Left by a keeper that is dead: with the lock in our hands it is ours.
        match fs::remove_file(socket.path()) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let listener = UnixListener::bind(socket.path())?;
        fs::set_permissions(socket.path(), Permissions::from_mode(0o600))?;
        let (ask, asked) = mpsc::channel(ORDERS_WAITING_MAX);
        let (open, answering) = mpsc::channel(1);
        Ok(Self { asked, accepting: tokio::spawn(accept(listener, ask, open)), answering })
    }

    /// Listens no more, and lets the last replies be written.
    pub(super) async fn close(mut self) {
        self.accepting.abort();
        drop(self.asked);
        // What is not heard within the second is not worth staying for.
        let _late = tokio::time::timeout(HUSH_WITHIN, self.answering.recv()).await;
    }
}

async fn accept(listener: UnixListener, ask: mpsc::Sender<Asked>, open: mpsc::Sender<()>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (ask, open) = (ask.clone(), open.clone());
                tokio::spawn(async move {
                    serve(stream, ask).await;
                    drop(open);
                });
            }
            Err(e) => {
                note(format_args!("accepting a connection: {e}"));
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn serve(stream: UnixStream, ask: mpsc::Sender<Asked>) {
    if let Err(e) = answer(stream, ask).await {
        note(format_args!("answering the host: {e}"));
    }
}

async fn answer(stream: UnixStream, ask: mpsc::Sender<Asked>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut reader = BufReader::new(read.take(LINE_MAX));
    tokio::time::timeout(LINE_WITHIN, reader.read_line(&mut line)).await??;
    let reply = match serde_json::from_str::<Request>(&line) {
        Ok(request) => {
            let (to, reply) = oneshot::channel();
            let handed_on = ask.send((request, to)).await.map_err(|_| "the machine has ended");
            match handed_on {
                Ok(()) => reply.await.map_err(|_| "the machine has ended"),
                Err(ended) => Err(ended),
            }
            .map_err(io::Error::other)?
        }
        // A later host may know orders that we do not.
        Err(e) => Reply::Refused { why: format!("this keeper does not understand: {e}") },
    };
    let mut bytes = serde_json::to_vec(&reply)?;
    bytes.push(b'\n');
    write.write_all(&bytes).await
}
