//! A directory of definitions, its state and its cloud: the one façade both faces use.
