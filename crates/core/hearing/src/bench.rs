//! The tools of the fingerprint: one Fourier transform and its room, used by all calls of a thread in turn.

use audio::RATE;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use std::{f32::consts::TAU, fmt, sync::Arc};

/// Samples that one print looks at: 128 ms.
pub(crate) const WINDOW: usize = 1024;
/// Bands, one more than bits.
pub(crate) const BANDS: usize = 33;
/// What a telephone line lets through, in Hz.
const LOWEST: f32 = 300.0;
const HIGHEST: f32 = 3400.0;

/// The energies of the bands.
pub(crate) type Energies = [f32; BANDS];

/// Room to work in. 20 KB; one for each thread.
pub struct Bench {
    transform: Arc<dyn RealToComplex<f32>>,
    shape: Box<[f32]>,
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    edges: [usize; BANDS + 1],
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bench")
    }
}

impl Default for Bench {
    fn default() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let hann = |n: usize| 0.5 - 0.5 * (TAU * n as f32 / WINDOW as f32).cos();
        let step = (HIGHEST / LOWEST).powf(1.0 / BANDS as f32);
        let edge = |band: usize| LOWEST * step.powi(band as i32) * WINDOW as f32 / RATE as f32;
        Self {
            shape: (0..WINDOW).map(hann).collect(),
            input: transform.make_input_vec(),
            output: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            edges: std::array::from_fn(|band| edge(band).round() as usize),
            transform,
        }
    }
}

impl Bench {
    /// The energies of the bands in a window of sound given in two parts, the earlier first.
    pub(crate) fn energies(&mut self, earlier: &[i16], later: &[i16]) -> Energies {
        let samples = earlier.iter().chain(later);
        for ((input, &sample), shape) in self.input.iter_mut().zip(samples).zip(&self.shape) {
            *input = f32::from(sample) * shape;
        }
        let done = self.transform.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok(), "the room was made by the transform itself");
        std::array::from_fn(|band| {
            let bins = &self.output[self.edges[band]..self.edges[band + 1]];
            bins.iter().map(Complex::norm_sqr).sum::<f32>() / (WINDOW * WINDOW) as f32
        })
    }
}
