//! A thousand films of five minutes, each with every other: the comparison that a large showcase needs, against its
//! target of one second. `cargo bench --bench near`; prints one line a round.

use std::io::Write;
use std::time::Instant;

use zhanbo::dedup::near;
use zhanbo::probe::signature::{Look, SOUND_STEP_MS, Signature, VERSION};
use zhanbo::units::Millis;

const FILMS: usize = 1000;
/// Of these, so many are copies of another one.
const COPIES: usize = 50;
const LENGTH_MS: u64 = 300_000;
/// Pictures of a film, as the sampler gives them for five minutes of 1080p.
const PICTURES: u64 = 300;
/// Pictures of one scene.
const SCENE: u64 = 5;
const ROUNDS: usize = 5;

/// `SplitMix64`.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    /// Bits of which three in four are as in `usual`: pictures are bright above and dark below more often than not.
    fn leaning(&mut self, usual: [u64; 4]) -> [u64; 4] {
        usual.map(|word| word ^ (self.next() & self.next()))
    }

    /// A few bits changed, about one in 32.
    fn slightly(&mut self, bits: [u64; 4]) -> [u64; 4] {
        bits.map(|word| {
            word ^ (self.next() & self.next() & self.next() & self.next() & self.next())
        })
    }
}

fn film(chance: &mut Chance) -> Signature {
    const USUAL: [u64; 4] = [
        0x00ff_00ff_3c3c_0f0f,
        0xffff_0000_aaaa_00ff,
        0,
        0x0f0f_3333_ffff_0000,
    ];
    const BUSY: [u64; 4] = [u64::MAX, 0xffff_ffff, u64::MAX, 0xffff_ffff];
    let mut looks = Vec::new();
    let mut scene = (USUAL, BUSY);
    for at in 0..PICTURES {
        if at % SCENE == 0 {
            scene = (chance.leaning(USUAL), chance.leaning(BUSY));
        }
        looks.push(Look {
            signs: chance.slightly(scene.0),
            strong: chance.slightly(scene.1),
        });
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some 2,400 items"
    )]
    let items = (LENGTH_MS as f64 / SOUND_STEP_MS) as usize;
    Signature {
        version: VERSION,
        duration_ms: Millis(LENGTH_MS),
        times: (0..PICTURES)
            .map(|at| Millis(at * LENGTH_MS / PICTURES))
            .collect(),
        views: vec![looks],
        sound: (0..items).map(|_| item(chance)).collect(),
    }
}

fn item(chance: &mut Chance) -> u32 {
    (chance.next() & 0x0fff_f3ff) as u32
}

fn copy(of: &Signature, chance: &mut Chance) -> Signature {
    let mut copy = of.clone();
    for look in &mut copy.views[0] {
        look.signs = chance.slightly(look.signs);
        look.strong = chance.slightly(look.strong);
    }
    copy
}

fn main() {
    let mut chance = Chance(1);
    let mut films: Vec<Signature> = (0..FILMS - COPIES).map(|_| film(&mut chance)).collect();
    for at in 0..COPIES {
        films.push(copy(&films[at * 7], &mut chance));
    }
    let films: Vec<&Signature> = films.iter().collect();
    let mut out = std::io::stdout();
    for round in 1..=ROUNDS {
        let clock = Instant::now();
        let pairs = near::pairs(&films, 0);
        let seconds = clock.elapsed().as_secs_f64();
        let line = writeln!(
            out,
            "near: {FILMS} films, round {round}: {seconds:.3} s, {} of {COPIES} copies found",
            pairs.len()
        );
        assert!(
            line.is_ok() && pairs.len() == COPIES,
            "{} pairs",
            pairs.len()
        );
    }
}
