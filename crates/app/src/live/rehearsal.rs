//! A recording dictated to a listener as fast as it was spoken, to measure what a speaker waits for.

use crate::error::AppError;
use crate::live::{Heard, Hearing};
use crate::session::blocking;
use crate::stages::recognise::{NoParts, Recogniser, Source};
use iambilly_engines::Cancel;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// A microphone gives its sound in blocks of about so many a second.
const BLOCKS: u32 = 20;

/// Plays a source to a listener; gives what it heard, when nothing is missing, and the time from the last
/// sample to the last word.
pub(crate) async fn rehearse(
    recogniser: &Recogniser,
    mut source: impl Source,
) -> Result<(Option<Heard>, Duration), AppError> {
    let (rate, channels) = (source.rate(), usize::from(source.channels().max(1)));
    let all = blocking(move || {
        let (mut all, mut block) = (vec![], vec![]);
        while source.next(&mut block)? {
            all.extend(block.chunks(channels).map(|f| f.iter().sum::<f32>() / channels as f32));
        }
        Ok(all)
    })
    .await?;
    let (speaker, blocks) = mpsc::unbounded_channel();
    let hearing = Hearing { recogniser: recogniser.clone(), parts: NoParts, stop: Cancel::new() };
    let listener = tokio::spawn(hearing.listen(rate, blocks, |_| {}));
    // The microphone is open for a while before somebody speaks into it.
    recogniser.engines.warm(&recogniser.model, &Cancel::new()).await?;
    let mut clock = interval(Duration::from_secs(1) / BLOCKS);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for block in all.chunks((rate / BLOCKS).max(1) as usize) {
        clock.tick().await;
        if speaker.send(block.to_vec()).is_err() {
            break;
        }
    }
    drop(speaker);
    let stopped = Instant::now();
    let heard = listener.await.map_err(|_| AppError::internal("a listener ended"))?;
    Ok((heard, stopped.elapsed()))
}
