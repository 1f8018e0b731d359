-- The readers of a wave, some thousands a row. Frozen letters have no row of
-- their own until they are claimed, nor when the issue is long over.
create table members (
  id      integer primary key autoincrement,
  wave    integer not null,
  first   integer not null, -- the lowest subscriber in list
  last    integer not null,
  readers integer not null,
  letters integer not null, -- the readers without one have no variant
  list    blob    not null  -- subscribers and variants: store.encodeMembers
) strict;

create index members_wave on members (wave, id, first, last);

-- letters = waiting + folded + rows in deliveries, always.
alter table waves add column waiting integer not null default 0; -- queued letters that have no row yet
alter table waves add column folded  integer not null default 0; -- sent letters that have no row any more
alter table waves add column part    integer not null default 0; -- members.id that rows are made of
alter table waves add column upto    integer not null default 0; -- the last subscriber of it that has one
alter table waves add column serving integer not null default 0; -- 1 until the cursors of its readers are written

create index waves_waiting on waves (id) where waiting > 0;
create index waves_serving on waves (id) where serving = 1;

alter table issues add column folded_at integer;
create index issues_unfolded on issues (closed_at) where closed_at is not null and folded_at is null;

-- Nothing is found by the hash of a person, but those who were erased.
drop index subscribers_hash;
drop index consents_hash;
create index consents_erased on consents (hash) where subscriber is null;

-- One (issue, subscriber), for ever: the id is made of both.
create table letters (
  id          integer primary key check (id = (issue << 36) | subscriber),
  issue       integer not null,
  subscriber  integer not null,
  wave        integer not null,
  variant     integer not null,
  state       text    not null,
  attempts    integer not null default 0, -- deferrals
  due_at      integer not null default 0,
  owner       text    not null default '', -- of a leased or inflight row
  fence       integer not null default 0, -- a result with an older one is void
  lease_until integer not null default 0,
  intent_at   integer not null default 0, -- first intent: the letter's Date
  address     text    not null default '', -- of the last intent
  cause       text    not null default '', -- why the state is what it is
  reply       text    not null default '', -- the server's last answer
  updated_at  integer not null default 0,
  doubt       integer not null default 0, -- 1 once an attempt ended without an answer: it may have arrived
  suspect_at  integer not null default 0 -- when it failed last by its own fault or the server's, nobody knows
) strict;

alter table notices add column doubt integer not null default 0;
alter table notices add column suspect_at integer not null default 0;

insert into letters
  select (d.issue << 36) | d.subscriber, d.issue, d.subscriber, d.wave, d.variant, d.state, d.attempts, d.due_at, d.owner, d.fence, d.lease_until,
    d.intent_at, d.address, d.cause, d.reply, d.updated_at, d.state in ('inflight', 'unknown') or d.cause like 'in doubt%', 0
  from deliveries d join waves w on w.id = d.wave where w.published_at is not null order by d.issue, d.subscriber;

update bounces set letter = (select (d.issue << 36) | d.subscriber from deliveries d where d.id = bounces.letter)
  where notice = 0 and letter in (select id from deliveries);

drop table deliveries;
alter table letters rename to deliveries;

-- Written as OR: SQLite proves no query to be inside of an IN.
create index deliveries_due on deliveries (state, wave, due_at) where state = 'queued' or state = 'deferred' or state = 'unknown';
-- A letter keeps its place here from claim to result: one entry, not three.
create index deliveries_owned on deliveries (wave) where owner <> '';

update waves set letters = (select count(*) from deliveries d where d.issue = waves.issue and d.wave = waves.id) where published_at is not null;

-- A retry and a verdict on bounces left issues closed whose letters they queued.
update issues set closed_at = null where closed_at is not null and exists (select 1 from deliveries d
  where d.id between issues.id << 36 and (issues.id + 1 << 36) - 1 and d.state in ('queued', 'leased', 'inflight', 'deferred', 'unknown'));

-- The cursor is the cut of the last published wave, written where it was derived.
update subscriptions set cursor = max(cursor, coalesce((select i.cut from waves w join issues i on i.id = w.issue
  where w.id = subscriptions.wave and w.published_at is not null), 0)) where wave <> 0;
alter table subscriptions drop column wave;
drop table shares;

-- Dropped with the old table: see 0005 and 0006. They wake on a change of cause,
-- not of state: every change of a state that needs them is explained in the same
-- statement, and the three that each letter goes through (claimed, intended,
-- accepted) explain nothing and wake none. They cost half of the ledger's time.
create trigger deliveries_return after update of cause on deliveries
when new.state in ('expired', 'failed', 'cancelled') and old.state not in ('expired', 'failed', 'cancelled')
  -- Who stops a letter that may have arrived does not want its posts mailed again.
  and not (new.state = 'cancelled' and new.doubt = 1)
begin
  insert into owed (subscriber, digest, post, wave)
  select new.subscriber, i.digest, e.value, 0
  from issues i join variants v on v.id = new.variant join json_each(v.posts) e
  where i.id = new.issue
    and exists (select 1 from subscriptions s where s.subscriber = new.subscriber and s.digest = i.digest and s.left_at is null)
  on conflict (subscriber, digest, post) do update set wave = 0;
end;

create trigger deliveries_reopen before update of cause on deliveries
when old.state in ('expired', 'failed', 'cancelled') and new.state not in ('expired', 'failed', 'cancelled')
begin
  select raise(ignore)
  from issues i join variants v on v.id = new.variant join json_each(v.posts) e
  join owed o on o.subscriber = new.subscriber and o.digest = i.digest and o.post = e.value
  where i.id = new.issue and o.wave <> 0 and exists (select 1 from waves w where w.id = o.wave);
  delete from owed
  where subscriber = new.subscriber
    and digest = (select i.digest from issues i where i.id = new.issue)
    and post in (select e.value from variants v join json_each(v.posts) e where v.id = new.variant);
end;

create trigger deliveries_cancelled after update of cause on deliveries
when new.state in ('queued', 'deferred', 'unknown')
  and exists (select 1 from issues i where i.id = new.issue and i.cancelled_at is not null)
begin
  update deliveries set state = 'cancelled', cause = 'cancelled by the operator' || iif(doubt, '; it may have arrived', ''), owner = '', lease_until = 0 where id = new.id;
end;

-- A closed issue has nothing open: a letter that goes again opens it.
create trigger deliveries_unclosed after update of cause on deliveries
when new.state in ('queued', 'leased', 'inflight', 'deferred', 'unknown')
  and old.state not in ('queued', 'leased', 'inflight', 'deferred', 'unknown')
begin
  update issues set closed_at = null, folded_at = null where id = new.issue and closed_at is not null;
end;
