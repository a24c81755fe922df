//! Lines and their cells: indentation, and what stands in one column.

use std::ops::Range;

use super::INDENTATION;
use super::piece::{Kind, Piece};
use super::spaces::space_between;

/// A line as up to three ranges of pieces; those that are not there are empty.
#[derive(Clone, Debug)]
struct Line {
    lead: Range<usize>,
    /// From a `=` on, where its value ends on the line.
    assign: Range<usize>,
    /// Behind something else.
    comment: Range<usize>,
}

/// Says how many spaces go before each piece.
pub(super) fn lay_out(pieces: &mut [Piece]) {
    let lines = lines(pieces);
    indent(pieces, &lines);
    for line in &lines {
        space_cell(pieces, line.lead.clone());
        if let Some(first) = line.assign.clone().next() {
            pieces[first].before = 1;
        }
        space_cell(pieces, line.assign.clone());
    }
    align(pieces, &lines, |line| &line.assign, |pieces, line| width(pieces, &line.lead));
    align(pieces, &lines, |line| &line.comment, |pieces, line| width(pieces, &line.lead) + width(pieces, &line.assign));
}

fn lines(pieces: &[Piece]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let length = pieces[start..].iter().position(Piece::ends_line).map_or(pieces.len() - start, |at| at + 1);
        lines.push(line(pieces, start..start + length));
        start += length;
    }
    lines
}

fn line(pieces: &[Piece], all: Range<usize>) -> Line {
    let is_comment = |at: usize| matches!(pieces[at].kind, Kind::Comment { .. });
    let behind = all.len() > 1 && is_comment(all.end - 1);
    let comment = all.end - usize::from(behind)..all.end;
    let lead = all.start..comment.start;
    let assign = lead.clone().skip(1).find(|at| pieces[*at].kind == Kind::Assign);
    let whole = |at: &usize| pieces[*at..lead.end].iter().map(Piece::brackets).sum::<isize>() == 0;
    let assign = assign.filter(whole).unwrap_or(lead.end);
    Line { lead: lead.start..assign, assign: assign..lead.end, comment }
}

/// A line that opens more brackets than it closes begins a level, and ends with the line that closes as many.
fn indent(pieces: &mut [Piece], lines: &[Line]) {
    let mut levels: Vec<usize> = Vec::new();
    for line in lines {
        let Some(first) = line.lead.clone().next() else { continue };
        if pieces[first].kind == Kind::Newline {
            pieces[first].before = 0;
            continue;
        }
        let lead = &pieces[line.lead.clone()];
        let heredoc = lead.iter().position(|piece| piece.kind == Kind::OpenText { heredoc: true });
        let counted = lead[..heredoc.unwrap_or(lead.len())].iter().chain(&pieces[line.assign.clone()]);
        let net: isize = counted.map(Piece::brackets).sum();
        if net < 0 {
            close(&mut levels, net.unsigned_abs());
        }
        pieces[first].before = INDENTATION * levels.len();
        if net > 0 {
            levels.push(net.unsigned_abs());
        }
    }
}

/// Takes away the levels whose brackets have all been closed.
fn close(levels: &mut Vec<usize>, mut closed: usize) {
    while closed > 0
        && let Some(open) = levels.last_mut()
    {
        if closed < *open {
            *open -= closed;
            return;
        }
        closed -= *open;
        levels.pop();
    }
}

fn space_cell(pieces: &mut [Piece], cell: Range<usize>) {
    for at in cell.start + 1..cell.end {
        let before = (at - 1 > cell.start).then(|| &pieces[at - 2]);
        let behind = pieces[..cell.end].get(at + 1);
        pieces[at].before = usize::from(space_between(before, &pieces[at - 1], &pieces[at], behind));
    }
}

/// How wide a cell is with the spaces before it.
fn width(pieces: &[Piece], cell: &Range<usize>) -> usize {
    pieces[cell.clone()].iter().map(|piece| piece.before + piece.columns).sum()
}

/// Puts a cell into the same column on consecutive lines that have it, a space behind the widest of what comes before.
fn align(
    pieces: &mut [Piece],
    lines: &[Line],
    cell: impl Fn(&Line) -> &Range<usize>,
    columns: impl Fn(&[Piece], &Line) -> usize,
) {
    for run in lines.chunk_by(|one, next| cell(one).is_empty() == cell(next).is_empty()) {
        if run.first().is_none_or(|line| cell(line).is_empty()) {
            continue;
        }
        let widest = run.iter().map(|line| columns(pieces, line)).max().unwrap_or(0);
        for line in run {
            let first = cell(line).start;
            pieces[first].before = widest - columns(pieces, line) + 1;
        }
    }
}
