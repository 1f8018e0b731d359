-- Three triggers fired three times for each letter that goes out, and cost half
-- of the ledger's time. They wake on a change of cause now: every change of a
-- state that needs them is explained in the same statement, and the three that
-- each letter goes through (claimed, intended, accepted) explain nothing.
drop trigger if exists deliveries_return;
drop trigger if exists deliveries_reopen;
drop trigger if exists deliveries_cancelled;

-- Expired, failed and cancelled letters return their posts to the reader's
-- debt in the same commit, whoever ends them.
create trigger deliveries_return after update of cause on deliveries
when new.state in ('expired', 'failed', 'cancelled') and old.state not in ('expired', 'failed', 'cancelled')
begin
  insert into owed (subscriber, digest, post, wave)
  select new.subscriber, i.digest, e.value, 0
  from issues i join variants v on v.id = new.variant join json_each(v.posts) e
  where i.id = new.issue
    and exists (select 1 from subscriptions s where s.subscriber = new.subscriber and s.digest = i.digest and s.left_at is null)
  on conflict (subscriber, digest, post) do update set wave = 0;
end;

-- A letter that is queued again takes its posts back. Where another wave has
-- taken them up meanwhile it stays as it is: they would arrive twice.
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

-- A letter that was under way when its issue was cancelled does not go again,
-- whoever would queue it. deliveries_return gives its posts back.
create trigger deliveries_cancelled after update of cause on deliveries
when new.state in ('queued', 'deferred', 'unknown')
  and exists (select 1 from issues i where i.id = new.issue and i.cancelled_at is not null)
begin
  update deliveries set state = 'cancelled', cause = 'cancelled by the operator', owner = '', lease_until = 0 where id = new.id;
end;
