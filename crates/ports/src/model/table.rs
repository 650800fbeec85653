//! Rows by key, with their indexes. Each change is remembered until the write it belongs to is over, and is taken back
//! where the write fails: so a write costs what it touches, however much the model holds.

use std::collections::{BTreeMap, HashMap, btree_map};
use std::hash::Hash;
use std::ops::RangeBounds;
use std::sync::Arc;

/// Rows in the order of their keys. A row is shared with whoever read it.
#[derive(Debug)]
pub(super) struct Table<K, V, I = ()> {
    rows: BTreeMap<K, Arc<V>>,
    index: I,
    /// What each change of this write replaced, oldest first.
    replaced: Vec<(K, Option<Arc<V>>)>,
}

/// Keys alone.
pub(super) type Set<K> = Table<K, ()>;

/// What is found without looking at every row. It follows each change at once.
pub(super) trait Index<V> {
    /// `before` gives way to `after`; none: there is no such row.
    fn follow(&mut self, before: Option<&V>, after: Option<&V>);
}

impl<V> Index<V> for () {
    fn follow(&mut self, _: Option<&V>, _: Option<&V>) {}
}

/// What a write that is over does to what it changed.
pub(super) trait Undo {
    /// It went well.
    fn keep(&mut self);
    /// It failed: all is as it was before.
    fn take_back(&mut self);
}

impl<K, V, I: Default> Default for Table<K, V, I> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), index: I::default(), replaced: Vec::new() }
    }
}

impl<K: Ord + Clone, V, I: Index<V>> Table<K, V, I> {
    pub(super) fn get(&self, key: &K) -> Option<&Arc<V>> {
        self.rows.get(key)
    }

    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn index(&self) -> &I {
        &self.index
    }

    pub(super) fn iter(&self) -> btree_map::Iter<'_, K, Arc<V>> {
        self.rows.iter()
    }

    pub(super) fn keys(&self) -> btree_map::Keys<'_, K, Arc<V>> {
        self.rows.keys()
    }

    pub(super) fn values(&self) -> btree_map::Values<'_, K, Arc<V>> {
        self.rows.values()
    }

    pub(super) fn range(&self, range: impl RangeBounds<K>) -> btree_map::Range<'_, K, Arc<V>> {
        self.rows.range(range)
    }

    /// Enters a row, in the place of the one that is there.
    pub(super) fn insert(&mut self, key: K, row: impl Into<Arc<V>>) {
        let row = row.into();
        let before = self.rows.insert(key.clone(), Arc::clone(&row));
        self.index.follow(before.as_deref(), Some(&row));
        self.replaced.push((key, before));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<Arc<V>> {
        let before = self.rows.remove(key)?;
        self.index.follow(Some(&before), None);
        self.replaced.push((key.clone(), Some(Arc::clone(&before))));
        Some(before)
    }

    /// Keeps the rows that are wanted.
    pub(super) fn retain(&mut self, wanted: impl Fn(&K, &V) -> bool) {
        let unwanted: Vec<K> =
            self.rows.iter().filter(|(key, row)| !wanted(key, row)).map(|(key, _)| key.clone()).collect();
        for key in unwanted {
            self.remove(&key);
        }
    }

    /// The rows that this write has changed so far, as they were before; none: they were not there. A row changed
    /// twice is told twice, as it was at first first.
    pub(super) fn replaced(&self) -> &[(K, Option<Arc<V>>)] {
        &self.replaced
    }

    fn put_back(&mut self, key: K, before: Option<&Arc<V>>) {
        let after = match before {
            Some(row) => self.rows.insert(key, Arc::clone(row)),
            None => self.rows.remove(&key),
        };
        self.index.follow(after.as_deref(), before.map(Arc::as_ref));
    }
}

impl<K: Ord + Clone, V: Clone, I: Index<V>> Table<K, V, I> {
    /// Changes a row that is there.
    pub(super) fn change<T>(&mut self, key: &K, work: impl FnOnce(&mut V) -> T) -> Option<T> {
        let row = self.rows.get_mut(key)?;
        let before = Arc::clone(row);
        let done = work(Arc::make_mut(row));
        self.index.follow(Some(&before), Some(row));
        self.replaced.push((key.clone(), Some(before)));
        Some(done)
    }

    /// Changes every row that is meant; for what happens seldom.
    pub(super) fn change_each(&mut self, meant: impl Fn(&V) -> bool, mut work: impl FnMut(&mut V)) {
        let found: Vec<K> =
            self.rows.iter().filter(|(_, row)| meant(row)).map(|(key, _)| key.clone()).collect();
        for key in found {
            self.change(&key, &mut work);
        }
    }
}

impl<K: Ord + Clone> Set<K> {
    pub(super) fn add(&mut self, key: K) {
        if !self.contains_key(&key) {
            self.insert(key, ());
        }
    }
}

impl<K: Ord + Clone, V, I: Index<V>> Undo for Table<K, V, I> {
    fn keep(&mut self) {
        self.replaced.clear();
    }

    fn take_back(&mut self) {
        while let Some((key, before)) = self.replaced.pop() {
            self.put_back(key, before.as_ref());
        }
    }
}

/// Keys by what they have in common, in the order they came.
#[derive(Debug)]
pub(super) struct Groups<G, K>(HashMap<G, Vec<K>>);

impl<G, K> Default for Groups<G, K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<G: Eq + Hash + Clone, K: Copy + PartialEq> Groups<G, K> {
    pub(super) fn of(&self, group: &G) -> &[K] {
        self.0.get(group).map_or(&[], Vec::as_slice)
    }

    /// A key leaves one group for another.
    pub(super) fn follow(&mut self, key: K, before: Option<&G>, after: Option<&G>) {
        if before == after {
            return;
        }
        if let Some(members) = before.and_then(|group| self.0.get_mut(group)) {
            members.retain(|member| *member != key);
        }
        let Some(group) = after else { return };
        match self.0.get_mut(group) {
            Some(members) => members.push(key),
            None => _ = self.0.insert(group.clone(), vec![key]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows by their parity.
    #[derive(Debug, Default)]
    struct Parity(Groups<bool, u32>);

    impl Index<(u32, u32)> for Parity {
        fn follow(&mut self, before: Option<&(u32, u32)>, after: Option<&(u32, u32)>) {
            let Some((key, _)) = before.or(after) else { return };
            let even = |row: &(u32, u32)| row.1.is_multiple_of(2);
            self.0.follow(*key, before.map(even).as_ref(), after.map(even).as_ref());
        }
    }

    #[test]
    fn a_write_that_fails_leaves_rows_and_index_as_they_were() {
        let mut table: Table<u32, (u32, u32), Parity> = Table::default();
        table.insert(1, (1, 10));
        table.insert(2, (2, 11));
        table.keep();
        table.change(&1, |row| row.1 = 13);
        table.change(&1, |row| row.1 = 15);
        table.remove(&2);
        table.insert(3, (3, 12));
        assert_eq!(table.index().0.of(&true), [3]);
        assert_eq!(table.index().0.of(&false), [1]);
        table.take_back();
        assert_eq!(table.values().map(|row| **row).collect::<Vec<_>>(), [(1, 10), (2, 11)]);
        assert_eq!(table.index().0.of(&true), [1]);
        assert_eq!(table.index().0.of(&false), [2]);
        table.change(&1, |row| row.1 = 12);
        table.keep();
        table.take_back();
        assert_eq!(table.get(&1).map(|row| row.1), Some(12), "what was kept is not taken back");
    }
}
