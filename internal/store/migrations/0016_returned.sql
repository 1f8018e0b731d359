-- Beside the refusals of servers, bounces holds what came back by mail: reports,
-- complaints, requests to leave, and what is for a person. Its kinds are those
-- of mailer.ReturnedKind, its verdicts those of mailer.ReturnedEffect.
alter table bounces add column source  text    not null default ''; -- '' is a server's answer
alter table bounces add column issue   integer not null default 0;
alter table bounces add column proof   text    not null default '';
alter table bounces add column status  text    not null default '';
alter table bounces add column author  text    not null default '';
alter table bounces add column subject text    not null default '';
alter table bounces add column message blob;                        -- the beginning of what is for a person
alter table bounces add column mark    text;                        -- a report that comes again counts once
alter table bounces add column was     text    not null default ''; -- the subscriber's state before
alter table bounces add column told_at integer not null default 0;  -- of a complaint: when the owner was told

create unique index bounces_mark on bounces (mark) where mark is not null;
create index bounces_issue on bounces (issue, verdict) where issue <> 0;
create index bounces_subscriber on bounces (subscriber);
create index bounces_untold on bounces (id) where kind = 'complaint' and told_at = 0;
create index bounces_held on bounces (issue) where verdict = 'held';
create index notices_message_id on notices (message_id) where message_id <> '';

-- How many of its letters came back for good: each new one is weighed against
-- all, and must not count them.
alter table issues add column returned integer not null default 0;

-- Messages of mailboxes that were read and stay there, and how far an mbox was.
create table mailbox_marks (
  source text    not null,
  mark   text    not null,
  value  text    not null default '',
  at     integer not null,
  primary key (source, mark)
) strict, without rowid;
