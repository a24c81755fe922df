//! DISCO's blocks: `SyntaxTree -> Definition -> ClusterSpec`, one file a block.
