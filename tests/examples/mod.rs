//! Every example is planned, applied, re-planned to nothing and destroyed by the real program.

mod all;
mod ci;
mod hadoop;
mod pages;
mod readme;
mod spark;
