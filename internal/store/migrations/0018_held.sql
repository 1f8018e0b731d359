-- Issues that were open in a backup when it was restored: whether their letters
-- went out meanwhile, nobody knows. Nothing of them is claimed until the owner
-- retries or cancels them.
alter table issues add column held_at integer;
create index issues_held on issues (id) where held_at is not null;
