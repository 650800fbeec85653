//! All detectors of one line, and for how long each is of use.

use crate::{
    Bench, Echo, Finding, GreetingLimits, Library,
    answerer::Answerer,
    beep::BeepDetector,
    block::{BLOCK, Cut, Cutter, Sums},
    fax::FaxDetector,
    matcher::Matcher,
    runs::{AUDIBLE, Change, Runs},
    silence::SilenceDetector,
    sit::SitDetector,
};
use audio::RATE;

/// For how long after the answer a line is listened to, in samples, and what a greeting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Who answered, fax and announcements: 10 s.
    pub after_answer: u64,
    /// The beep of a recorded greeting that has been suspected by then: 30 s.
    pub for_beep: u64,
    /// Silence since the answer that is worth telling: 6 s.
    pub silence: u64,
    /// What separates a person's greeting from a recorded one.
    pub greeting: GreetingLimits,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |seconds: u64| seconds * u64::from(RATE);
        Self {
            after_answer: seconds(10),
            for_beep: seconds(30),
            silence: seconds(6),
            greeting: GreetingLimits::default(),
        }
    }
}

/// Listens to one line's received sound. About 5 KB with a library, 1 KB without; dropped when it is done.
#[derive(Debug)]
pub struct Listener {
    limits: Limits,
    cutter: Cutter,
    runs: Runs,
    sit: SitDetector,
    fax: FaxDetector,
    beep: BeepDetector,
    silence: SilenceDetector,
    answerer: Answerer,
    matcher: Option<Box<Matcher>>,
    answered: Option<i64>,
    done: bool,
}

impl Listener {
    /// A listener for a call that is placed, with the library that [`Listener::hear`] will be given.
    pub fn new(limits: Limits, library: &Library) -> Self {
        Self {
            limits,
            cutter: Cutter::default(),
            runs: Runs::default(),
            sit: SitDetector::default(),
            fax: FaxDetector::default(),
            beep: BeepDetector::default(),
            silence: SilenceDetector::new(limits.silence),
            answerer: Answerer::new(limits.greeting),
            matcher: (!library.is_empty()).then(Box::default),
            answered: None,
            done: false,
        }
    }

    /// The call was answered at a position.
    pub fn answered(&mut self, at: i64) {
        self.answered.get_or_insert(at);
    }

    /// Whether nothing more will be told.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// A key was pressed, which only people do.
    pub fn key(&mut self, at: i64, mut tell: impl FnMut(Finding)) {
        if !self.done && self.answered.is_some() {
            self.done = true;
            self.answerer.key(at).into_iter().for_each(&mut tell);
        }
    }

    /// Hears one packet's samples, the first of them at `position`; the judge of echoes has heard them before.
    pub fn hear(
        &mut self,
        position: i64,
        samples: &[i16],
        (library, bench): (&Library, &mut Bench),
        echo: &Echo,
        mut tell: impl FnMut(Finding),
    ) {
        if self.done {
            return;
        }
        if let Some(matcher) = &mut self.matcher {
            matcher.hear(position, samples, library, bench, &mut tell);
        }
        let mut cutter = std::mem::take(&mut self.cutter);
        cutter.cut(position, samples, |cut| match cut {
            Cut::Block(at, block) => self.block(at, block, echo, &mut tell),
            Cut::Missing(blocks) => {
                let mut over = None;
                self.runs.miss(blocks, |change| over = Some(change));
                self.changed(over, &mut tell);
            }
        });
        self.cutter = cutter;
        self.end_in_time(position + samples.len() as i64, &mut tell);
    }

    fn block(&mut self, at: i64, block: &[i16; BLOCK], echo: &Echo, tell: &mut impl FnMut(Finding)) {
        let sums = &Sums::of(block);
        let sine = sums.is_louder_than(AUDIBLE).then(|| sums.sine());
        let mut change = None;
        self.runs.hear(at, block, sums, sine, |now| change = Some(now));
        let Some(answered) = self.answered.filter(|answered| at >= *answered) else {
            return self.changed(change, tell);
        };
        let beep = self.beep.hear(sums);
        self.changed(change, tell);
        self.silence.hear(answered, at, sums, echo).into_iter().for_each(&mut *tell);
        self.answerer.hear(at, sums, sine, echo).into_iter().for_each(&mut *tell);
        if let Some((from, to)) = beep.filter(|(from, to)| !echo.explains_tone(*from, *to)) {
            self.beeped(from, to, tell);
        }
    }

    fn changed(&mut self, change: Option<Change>, tell: &mut impl FnMut(Finding)) {
        let finding = match change {
            None => return,
            Some(Change::Lasts(run)) => self.fax.lasts(&run),
            Some(Change::Over(run)) => {
                self.beep.over(&run);
                self.sit.over(&run).or_else(|| self.fax.over(&run))
            }
        };
        finding.into_iter().for_each(tell);
    }

    fn beeped(&mut self, from: i64, to: i64, tell: &mut impl FnMut(Finding)) {
        use crate::What::Beep;
        tell(Finding { what: Beep, from, to, confidence: 90 });
        self.answerer.beep((from, to)).into_iter().for_each(tell);
    }

    fn end_in_time(&mut self, now: i64, tell: &mut impl FnMut(Finding)) {
        let Some(answered) = self.answered else { return };
        let limits = &self.limits;
        let wait = if self.answerer.suspects_machine() { limits.for_beep } else { limits.after_answer };
        if now - answered >= wait.max(limits.after_answer) as i64 {
            self.done = true;
            self.answerer.give_up(answered, now).into_iter().for_each(tell);
        }
    }
}
