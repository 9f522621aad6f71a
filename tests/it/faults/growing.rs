//! A file that is still being copied into the inbox.

use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, submission};

#[test]
fn a_file_that_grows_during_the_run_costs_only_itself_and_is_made_when_it_rests() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《静》.mp4", &plain(1, 1));
    let growing = place.introduced("成都第一片区", "乙大学《长》.mp4", &plain(2, 2));
    let stop = AtomicBool::new(false);
    let first = thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = File::options().append(true).open(growing).unwrap();
            while !stop.load(Ordering::Relaxed) {
                // A free box of ISO/IEC 14496-12: the film stays whole, the file does not stay the same.
                file.write_all(b"\0\0\0\x08free").unwrap();
                thread::sleep(Duration::from_millis(3));
            }
        });
        let ended = ended(&mut run(&place));
        stop.store(true, Ordering::Relaxed);
        ended
    });
    first.with(1);
    let report = |place: &Place| report(&place.out());
    let outcome = |name| submission(&report(&place), name)["job"]["outcome"].clone();
    assert_eq!(outcome("甲大学《静》.mp4"), "done");
    // Noticed while it is measured, or, where it began to grow later, while it is made.
    assert_ne!(outcome("乙大学《长》.mp4"), "done");
    let told = submission(&report(&place), "乙大学《长》.mp4").to_string();
    assert!(told.contains("still changing"), "{told}");

    ended(&mut run(&place)).with(0);
    assert_eq!(outcome("甲大学《静》.mp4"), "up_to_date");
    assert_eq!(outcome("乙大学《长》.mp4"), "done");
}
