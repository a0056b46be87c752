//! What is played comes back through the microphone: a real sound server with a null sink, whose monitor is the
//! default input. `./test` starts it (`scripts/with-services.sh`) and sets `IAMBILLY_TEST_SOUND`.

#![allow(clippy::expect_used, reason = "a test fails by it, its helpers too")]

use iambilly_sound::{capture::Capture, default_devices, playback};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn what_is_played_is_captured() {
    assert!(
        std::env::var_os("IAMBILLY_TEST_SOUND").is_some(),
        "needs a sound server of the tests' own: run ./test, or scripts/with-services.sh cargo test"
    );
    let (output, input) = default_devices();
    assert!(output.is_some() && input.is_some(), "{output:?} {input:?}");

    let heard = Arc::new(Mutex::new((Vec::<f32>::new(), 0.0f32, 0u64)));
    let into = Arc::clone(&heard);
    let capture = Capture::start(None, move |block, level| {
        let mut heard = into.lock().expect("lock");
        heard.0.extend_from_slice(block);
        heard.1 = heard.1.max(level.peak);
        heard.2 = level.elapsed_ms;
        true
    })
    .expect("the monitor is a microphone");
    let rate = capture.device.rate;

    // A 440 Hz tone of one second at half scale.
    let tone: Vec<f32> = (0..44_100u16).map(|i| (f32::from(i) * 0.062_689).sin() * 0.5).collect();
    let positions = Arc::new(Mutex::new(vec![]));
    let report = Arc::clone(&positions);
    let playing = playback::play(tone, 44_100, playback::Speed::NORMAL, move |at| {
        report.lock().expect("lock").push(at)
    })
    .expect("plays");
    std::thread::sleep(Duration::from_millis(1_800));
    drop(playing);
    assert_eq!(capture.finish(), 0, "samples were lost");

    let positions = positions.lock().expect("lock").clone();
    assert_eq!(positions.last(), Some(&None), "the end is told: {positions:?}");
    assert!(positions.iter().flatten().is_sorted() && positions.len() > 5, "{positions:?}");
    let (samples, peak, elapsed) = heard.lock().expect("lock").clone();
    assert!((0.4..0.6).contains(&peak), "peak {peak}");
    assert!(elapsed > 1_000, "{elapsed} ms");
    // The tone's zero crossings: 880 a second for as long as it sounds.
    let loud: Vec<f32> = samples.into_iter().skip_while(|s| s.abs() < 0.2).collect();
    let second = usize::try_from(rate).expect("fits") / 2;
    let crossings =
        loud.iter().take(second).zip(loud.iter().skip(1)).filter(|(a, b)| a.signum() != b.signum()).count();
    assert!(crossings.abs_diff(440) < 12, "{crossings} crossings in half a second");
}
