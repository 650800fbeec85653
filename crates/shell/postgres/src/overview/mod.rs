//! Lists for console and API: newest first, by keyset.

mod callers;
mod counts;
mod lists;

use std::time::Duration;

use async_trait::async_trait;
use ports::{
    AttemptFilter, AttemptRow, CallbackRow, CallerCounts, Count, OutcomeCounts, Overview, Page, PageOf,
    StoreError, TaskFilter, TaskRow,
};
use records::{AttemptId, CallbackState, Customer, PlanId, Recording};

use crate::words::missing;
use crate::{Postgres, customers, recordings};

#[async_trait]
impl Overview for Postgres {
    async fn customers(&self, search: Option<&str>, page: Page) -> Result<PageOf<Customer>, StoreError> {
        let mut connection = self.reader().await?;
        let ids = lists::customers(&mut connection, search, page).await?;
        let items = customers::by_ids(&mut connection, &ids.items).await?;
        Ok(PageOf { items, next: ids.next })
    }

    async fn tasks(&self, filter: TaskFilter, page: Page) -> Result<PageOf<TaskRow>, StoreError> {
        let mut connection = self.reader().await?;
        let ids = lists::tasks(&mut connection, filter, page).await?;
        let items = lists::task_rows(&mut connection, &ids.items).await?;
        Ok(PageOf { items, next: ids.next })
    }

    async fn attempts(&self, filter: &AttemptFilter, page: Page) -> Result<PageOf<AttemptRow>, StoreError> {
        let mut connection = self.reader().await?;
        let ids = lists::attempts(&mut connection, filter, page).await?;
        let items = lists::attempt_rows(&mut connection, &ids.items).await?;
        Ok(PageOf { items, next: ids.next })
    }

    async fn attempt_row(&self, id: AttemptId) -> Result<AttemptRow, StoreError> {
        let mut connection = self.reader().await?;
        let found = lists::attempt_rows(&mut connection, &[id.0]).await?.pop();
        found.ok_or_else(|| missing("attempt", id))
    }

    async fn recordings(&self, page: Page) -> Result<PageOf<Recording>, StoreError> {
        let mut connection = self.reader().await?;
        let ids = lists::recordings(&mut connection, page).await?;
        let items = recordings::by_ids(&mut connection, &ids.items).await?;
        Ok(PageOf { items, next: ids.next })
    }

    async fn callbacks(
        &self,
        state: Option<CallbackState>,
        page: Page,
    ) -> Result<PageOf<CallbackRow>, StoreError> {
        let mut connection = self.reader().await?;
        let ids = lists::callbacks(&mut connection, state, page).await?;
        let items = lists::callback_rows(&mut connection, &ids.items).await?;
        Ok(PageOf { items, next: ids.next })
    }

    async fn outcome_counts(&self, plan: Option<PlanId>) -> Result<OutcomeCounts, StoreError> {
        let mut connection = self.reader().await?;
        Ok(counts::outcomes(&mut connection, plan).await?)
    }

    async fn caller_counts(&self, window: Duration) -> Result<Vec<CallerCounts>, StoreError> {
        let mut connection = self.reader().await?;
        Ok(callers::counts(&mut connection, window).await?)
    }

    async fn answer_counts(&self, plan: Option<PlanId>) -> Result<Vec<(String, Count)>, StoreError> {
        let mut connection = self.reader().await?;
        Ok(counts::answers(&mut connection, plan).await?)
    }
}
