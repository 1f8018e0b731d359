-- A letter that was under way when its issue was cancelled does not go again,
-- whoever would queue it: after a deferral, a bounce that is taken back, a
-- sender that ended. deliveries_return gives its posts back.
create trigger deliveries_cancelled after update of state on deliveries
when new.state in ('queued', 'deferred', 'unknown')
  and exists (select 1 from issues i where i.id = new.issue and i.cancelled_at is not null)
begin
  update deliveries set state = 'cancelled', cause = 'cancelled by the operator', owner = '', lease_until = 0 where id = new.id;
end;
