# `just` lists the tasks; `just check` is what CI runs.

_list:
    @just --list --unsorted

# format, lints, tests, doc tests, browser: all that must hold
check:
    scripts/test

# only Rust's tests, with cargo's arguments
test *arguments:
    cargo test --locked {{arguments}}

# install, build, sample inbox, programme and website, in one go
demo folder="demo":
    scripts/demo {{folder}}

# Lighthouse on the website of a finished output folder
lighthouse out="demo/out":
    scripts/lighthouse {{out}}

# line coverage of the pure rooms
coverage:
    scripts/coverage

# the README's pictures, from the demo's output
screenshots out="demo/out":
    scripts/screenshots {{out}}

# the notices and the spreadsheet as LibreOffice shows them, as pictures in target/notices-look
notices-look out="":
    scripts/notices-look {{out}}

# recall and false pairs of the search for duplicates, on copies of real clips
dedup-eval *arguments:
    scripts/dedup-eval {{arguments}}

# flash and beep at every sample rate and frame rate: within 20 ms in master and HLS, measured by ffmpeg
lip-sync *folder:
    scripts/lip-sync {{folder}}

# Whether lips and voice stay together over a programme of forty minutes.
drift *arguments:
    scripts/drift {{arguments}}

# ours against the hand-written ffmpeg pipeline, as ratios in one run
bench *arguments:
    scripts/bench {{arguments}}

# how long judging again takes, after a changed rule and after a decision
rejudge-bench *arguments:
    scripts/rejudge-bench {{arguments}}

# how long programme and website take to be made again when nothing is encoded
rebuild-bench *arguments:
    scripts/rebuild-bench {{arguments}}

# defects made on clean clips against what `check` says of them, as a table
quality-eval folder:
    scripts/quality-eval {{folder}}

# every real clip through the shipped ladder, judged by ffprobe and hls-lint, as docs/media.md
media-table *out:
    scripts/media-table {{out}}

# bits of the lower rungs at equal VMAF by how they are scaled; needs an ffmpeg with libvmaf
rung-frontier *arguments:
    scripts/rung-frontier {{arguments}}

# every HLS package of an output folder before hls-parser, mp4box.js, hls.js, shaka-player, mpv and VLC
hls-judges out:
    scripts/hls-judges {{out}}
