//! Every example is planned, applied, re-planned to nothing and destroyed by the real program.

mod all;
mod hadoop;
mod pages;
mod readme;
mod spark;
