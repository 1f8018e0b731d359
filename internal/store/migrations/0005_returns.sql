-- Expired, failed and cancelled letters return their posts to the reader's
-- debt in the same commit, whoever ends them.
create trigger deliveries_return after update of state on deliveries
when new.state in ('expired', 'failed', 'cancelled') and old.state not in ('expired', 'failed', 'cancelled')
begin
  insert into owed (subscriber, digest, post, wave)
  select new.subscriber, i.digest, e.value, 0
  from issues i join variants v on v.id = new.variant join json_each(v.posts) e
  where i.id = new.issue
    and exists (select 1 from subscriptions s where s.subscriber = new.subscriber and s.digest = i.digest and s.left_at is null)
  on conflict (subscriber, digest, post) do update set wave = 0;
end;
