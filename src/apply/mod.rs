//! Carrying out a plan: events to an observer, journal before, record after.
