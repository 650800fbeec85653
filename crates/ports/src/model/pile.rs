//! What only grows at its end, on shelves: to make room for more moves nothing that lies there. The moves of a simulated
//! year are a gigabyte.

use std::ops::Index;

/// On one shelf.
const SHELF: usize = 4096;

#[derive(Debug)]
pub(super) struct Pile<T> {
    /// All but the last are full, and none is empty.
    shelves: Vec<Vec<T>>,
}

impl<T> Default for Pile<T> {
    fn default() -> Self {
        Self { shelves: Vec::new() }
    }
}

impl<T> Pile<T> {
    pub(super) fn len(&self) -> usize {
        self.shelves.last().map_or(0, |last| (self.shelves.len() - 1) * SHELF + last.len())
    }

    pub(super) fn push(&mut self, one: T) {
        match self.shelves.last_mut() {
            Some(last) if last.len() < SHELF => last.push(one),
            _ => self.shelves.push(vec![one]),
        }
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.shelves.last_mut()?;
        let one = last.pop();
        if last.is_empty() {
            self.shelves.pop();
        }
        one
    }
}

impl<T> Index<usize> for Pile<T> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        &self.shelves[place / SHELF][place % SHELF]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_a_list_would() {
        let (mut pile, mut list) = (Pile::default(), Vec::new());
        for n in 0..3 * SHELF + 5 {
            pile.push(n);
            list.push(n);
        }
        for _ in 0..SHELF + 9 {
            assert_eq!(pile.pop(), list.pop());
        }
        assert_eq!(pile.len(), list.len());
        assert!(list.iter().enumerate().all(|(place, one)| pile[place] == *one));
        while let Some(one) = list.pop() {
            assert_eq!(pile.pop(), Some(one));
        }
        assert_eq!((pile.len(), pile.pop()), (0, None));
    }
}
