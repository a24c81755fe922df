//! What the main path costs: validating, planning without a change, and making a template, for 3, 30 and 300 slaves.
