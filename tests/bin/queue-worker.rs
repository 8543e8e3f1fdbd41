//! A small queue consumer: takes one message at a time, works on it for a
//! while, writes down its id, and acknowledges it.
//!
//! On SIGTERM or SIGINT it takes nothing more, finishes what it holds, and
//! ends with 0. When the broker goes away it comes back by itself. A message
//! whose acknowledgement was lost is delivered again and written down again.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::pin::pin;
use std::process;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties, Consumer};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt as _;

/// A broker that is just starting may accept a connection and never answer.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// The first pause before connecting again; it doubles up to `RETRY_MAX`.
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(5);

/// Consumes one queue, one message at a time.
#[derive(Debug, Parser)]
#[command(name = "queue-worker")]
struct Options {
    /// The broker and vhost, such as amqp://guest:guest@127.0.0.1:5672/%2f
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    url: String,
    /// The queue to consume; declared durable if it is not there
    #[arg(long, env = "QUEUE")]
    queue: String,
    /// How long one message takes, such as 250ms or 3s
    #[arg(long, env = "WORK", default_value = "1s", value_parser = humantime::parse_duration)]
    work: Duration,
    /// Append the id of every finished message to this file, one a line
    #[arg(long)]
    done: Option<PathBuf>,
}

/// How a session with the broker ended, if not by an error.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// We were told to leave, and left.
    Left,
    /// The broker stopped delivering.
    Closed,
}

/// Both ways of being told to leave.
struct Leave {
    term: Signal,
    int: Signal,
}

impl Leave {
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.term.recv() => (),
            _ = self.int.recv() => (),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut leave =
        Leave { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? };
    let mut done = options.done.as_ref().map(open_done).transpose()?;
    let mut pause = RETRY_MIN;
    loop {
        let connected = tokio::select! {
            connected = timeout(CONNECT_DEADLINE, connect(&options)) => {
                connected.unwrap_or_else(|_| Err(anyhow!("no answer within {CONNECT_DEADLINE:?}")))
            }
            () = leave.asked() => return Ok(()),
        };
        match connected {
            Ok((connection, channel, consumer)) => {
                pause = RETRY_MIN;
                let ended = consume(&options, &channel, consumer, &mut done, &mut leave).await;
                match ended {
                    Ok(Ended::Left) => {
                        // Everything is acknowledged; a broker that is gone needs no farewell.
                        let _closed = connection.close(200, "leaving".into()).await;
                        return Ok(());
                    }
                    Ok(Ended::Closed) => eprintln!("the broker closed the connection"),
                    Err(error) => eprintln!("lost the broker: {error:#}"),
                }
            }
            Err(error) => eprintln!("no broker yet: {error:#}"),
        }
        tokio::select! {
            () = sleep(pause) => (),
            () = leave.asked() => return Ok(()),
        }
        pause = RETRY_MAX.min(pause * 2);
    }
}

fn open_done(path: &PathBuf) -> Result<File> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.with_context(|| format!("opening {}", path.display()))
}

async fn connect(options: &Options) -> Result<(Connection, Channel, Consumer)> {
    let name = format!("queue-worker {}", process::id());
    let properties = ConnectionProperties::default().with_connection_name(name.as_str().into());
    let connection = Connection::connect(&options.url, properties).await?;
    let channel = connection.create_channel().await?;
    channel.basic_qos(1, BasicQosOptions::default()).await?;
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    let queue = options.queue.as_str();
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await?;
    let consumer = channel
        .basic_consume(
            queue.into(),
            name.as_str().into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await?;
    eprintln!("consuming {queue}");
    Ok((connection, channel, consumer))
}

/// Works until told to leave or until the broker is lost.
async fn consume(
    options: &Options,
    channel: &Channel,
    mut consumer: Consumer,
    done: &mut Option<File>,
    leave: &mut Leave,
) -> Result<Ended> {
    let tag = consumer.tag();
    loop {
        let delivery = tokio::select! {
            delivery = consumer.next() => delivery,
            () = leave.asked() => {
                channel.basic_cancel(tag, BasicCancelOptions::default()).await?;
                return Ok(Ended::Left);
            }
        };
        let Some(delivery) = delivery.transpose()? else { return Ok(Ended::Closed) };
        let mut work = pin!(sleep(options.work));
        let left = tokio::select! {
            () = &mut work => false,
            () = leave.asked() => true,
        };
        if left {
            // Nothing more is delivered while the last message is finished.
            channel.basic_cancel(tag.clone(), BasicCancelOptions::default()).await?;
            work.await;
        }
        finish(&delivery, done).await?;
        if left {
            return Ok(Ended::Left);
        }
    }
}

/// Writes the message down, then acknowledges it: one that is acknowledged is
/// always written down.
async fn finish(delivery: &Delivery, done: &mut Option<File>) -> Result<()> {
    if let Some(file) = done {
        let id = match delivery.properties.message_id() {
            Some(id) => id.to_string(),
            None => String::from_utf8_lossy(&delivery.data).into_owned(),
        };
        // One write a line, so that workers may share the file.
        file.write_all(format!("{id}\n").as_bytes()).context("writing down a finished message")?;
    }
    delivery.ack(BasicAckOptions::default()).await?;
    Ok(())
}
