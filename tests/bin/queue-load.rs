//! Puts numbered messages into a durable queue, each confirmed by the broker
//! before it counts as sent.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};

use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, PublisherConfirm};
use tokio::time::{MissedTickBehavior, interval};

/// Messages on their way at once; the broker confirms them in batches.
const UNCONFIRMED_MAX: usize = 256;

/// A delivery mode that survives the broker's restart.
const PERSISTENT: u8 = 2;

/// Puts numbered messages into a queue. A message's id is its number.
#[derive(Debug, Parser)]
#[command(name = "queue-load")]
struct Options {
    /// The broker and vhost, such as amqp://guest:guest@127.0.0.1:5672/%2f
    #[arg(long, env = "AMQP_URL", hide_env_values = true)]
    url: String,
    /// The queue; declared durable if it is not there
    #[arg(long, env = "QUEUE")]
    queue: String,
    /// How many messages to send; with 0 the queue is only declared
    #[arg(long)]
    count: u64,
    /// The first message's number
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Messages a second; as fast as the broker confirms them if not given
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = Options::parse();
    let connection = Connection::connect(&options.url, ConnectionProperties::default())
        .await
        .context("connecting to the broker")?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let durable = QueueDeclareOptions { durable: true, ..Default::default() };
    channel.queue_declare(options.queue.as_str().into(), durable, FieldTable::default()).await?;
    send_all(&options, &channel).await?;
    connection.close(200, "done".into()).await?;
    Ok(())
}

async fn send_all(options: &Options, channel: &Channel) -> Result<()> {
    let mut ticks = options.rate.map(|rate| {
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        ticks
    });
    let step = options.count.div_ceil(10).max(1);
    let mut unconfirmed = VecDeque::new();
    for sent in 0..options.count {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        unconfirmed.push_back(send(options, channel, options.first + sent).await?);
        while unconfirmed.len() >= UNCONFIRMED_MAX {
            confirm_oldest(&mut unconfirmed).await?;
        }
        if (sent + 1) % step == 0 {
            println!("sent {} of {} to {}", sent + 1, options.count, options.queue);
        }
    }
    while !unconfirmed.is_empty() {
        confirm_oldest(&mut unconfirmed).await?;
    }
    println!("confirmed {} in {}", options.count, options.queue);
    Ok(())
}

async fn send(options: &Options, channel: &Channel, number: u64) -> Result<PublisherConfirm> {
    let text = number.to_string();
    let properties = BasicProperties::default()
        .with_message_id(text.as_str().into())
        .with_delivery_mode(PERSISTENT);
    let queue = options.queue.as_str().into();
    let publish = BasicPublishOptions::default();
    Ok(channel.basic_publish("".into(), queue, publish, text.as_bytes(), properties).await?)
}

async fn confirm_oldest(unconfirmed: &mut VecDeque<PublisherConfirm>) -> Result<()> {
    let Some(oldest) = unconfirmed.pop_front() else { return Ok(()) };
    if oldest.await?.is_nack() {
        bail!("the broker refused a message");
    }
    Ok(())
}
