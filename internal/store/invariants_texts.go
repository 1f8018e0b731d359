package store

import "strings"

// delivery names a letter of an issue in a line about it.
const delivery = `'issue ' || d.issue || ', subscriber ' || d.subscriber`

// openStates are the states of letters that still have to be sent or explained.
const openStates = `('queued', 'leased', 'inflight', 'deferred', 'unknown')`

// queueing is what may lie between the time of an act and its commit: a long
// import has one time for all of its rows.
const queueing = `600000`

// invariantTexts give a line for every breach. @now is the time: clocks run
// ahead and are set back, and what lies in the future is not judged.
var invariantTexts = append(bothTables(
	`/* invariants.states */ select 'I1: ' || {who} || ': there is no state ' || quote(d.state) from {table} d
		where d.state not in `+openStates+` and d.state not in ('sent', 'bounced', 'skipped', 'failed', 'expired', 'cancelled')`,
	// Of an erased person neither replies nor the causes in them are kept.
	`/* invariants.causes */ select 'I1: ' || {who} || ' is ' || d.state || ' and nothing says why' from {table} d
		where d.state not in ('queued', 'leased', 'inflight') and d.cause = '' and d.reply = '' and exists (select 1 from subscribers u where u.id = d.subscriber)`,
	`/* invariants.owners */ select 'I1: ' || {who} || ' is ' || d.state || iif(d.owner = '', ' by nobody', ' and held by ' || d.owner) from {table} d
		where (d.state in ('leased', 'inflight')) <> (d.owner <> '')`,
	`/* invariants.intents */ select 'I2: ' || {who} || ' is ' || d.state || ' without an intent that was written before' from {table} d
		where d.state = 'inflight' and d.intent_at = 0`,
),
	`/* invariants.ids */ select 'I3: issue ' || i.id || ' has letters under way and no key that makes their Message-IDs again' from issues i
		where not exists (select 1 from issue_ids x join keys k on k.id = x.key where x.issue = i.id)
		and exists (select 1 from deliveries d where d.id between i.id << 36 and (i.id + 1 << 36) - 1 and d.intent_at <> 0 and d.state in `+openStates+`)`,
	`/* invariants.ids */ select 'I3: notice ' || n.id || ' is ' || n.state || ' without its Message-ID' from notices n where n.state = 'inflight' and n.message_id = ''`,
	`/* invariants.bytes */ select 'I3: ' || `+delivery+` || ' is ' || d.state || ' and its letter ' || d.variant || ' is gone' from deliveries d
		where d.state in `+openStates+` and not exists (select 1 from variants v where v.id = d.variant)`,
	`/* invariants.sums */ select 'I4: issue ' || issue || ', wave ' || id || ': ' || letters || ' letters, but ' || own || ' with a row, ' || waiting || ' that wait and ' || folded || ' that are folded'
		from (select w.id, w.issue, w.letters, w.waiting, w.folded, coalesce(d.n, 0) own from waves w
			left join (select issue, wave, count(*) n from deliveries group by issue, wave) d on d.issue = w.issue and d.wave = w.id where w.published_at is not null)
		where letters <> own + waiting + folded or waiting < 0 or folded < 0`,
	`/* invariants.members */ select 'I4: wave ' || id || ': ' || letters || ' letters to ' || readers || ' readers, but its lists hold ' || listed || ' to ' || all_readers
		from (select w.id, w.letters, w.readers, sum(m.letters) listed, sum(m.readers) all_readers from waves w join members m indexed by members_wave on m.wave = w.id
			where w.published_at is not null and w.waiting + w.folded > 0 group by w.id)
		where listed <> letters`,
	`/* invariants.unlisted */ select 'I4: wave ' || w.id || ': ' || (w.waiting + w.folded) || ' letters have no row and stand in no list' from waves w
		where w.waiting + w.folded > 0 and not exists (select 1 from members m where m.wave = w.id)`,
	`/* invariants.hidden */ select 'I4: ' || `+delivery+` || ' is ' || d.state || ' in wave ' || d.wave || ', which ' || iif(w.id is null, 'does not exist', 'is not published')
		from deliveries d left join waves w on w.id = d.wave where w.published_at is null`,
	`/* invariants.closed */ select 'I4: issue ' || i.id || ' is closed, and a letter of it is open' from issues i where i.closed_at is not null and (
		exists (select 1 from waves w where w.issue = i.id and w.waiting > 0)
		or exists (select 1 from deliveries d where d.id between i.id << 36 and (i.id + 1 << 36) - 1 and d.state in `+openStates+`))`,
	`/* invariants.left */ select 'I5: ' || `+delivery+` || ' was begun after the reader had left ' || i.digest from deliveries d join issues i on i.id = d.issue
		join subscriptions s on s.subscriber = d.subscriber and s.digest = i.digest
		where s.left_at is not null and d.intent_at > s.left_at + `+queueing+` and d.intent_at <= @now and d.state in ('inflight', 'unknown', 'sent')`,
	`/* invariants.suppressed */ select 'I5: ' || `+delivery+` || ' was begun after the reader was suppressed as ' || p.reason from deliveries d
		join subscribers u on u.id = d.subscriber join suppressions p on p.hash = u.hash
		where d.intent_at > p.at + `+queueing+` and d.intent_at <= @now and d.state in ('inflight', 'unknown', 'sent')`,
	`/* invariants.waves */ select 'I6: ' || `+delivery+` || ' is in wave ' || w.id || ' of issue ' || w.issue from deliveries d join waves w on w.id = d.wave where w.issue <> d.issue`,
	`/* invariants.numbers */ select 'I6: issue ' || i.id || ' has letters and no number' from issues i
		where i.number is null and exists (select 1 from waves w where w.issue = i.id and w.letters > 0 and w.published_at is not null)`,
)

// bothTables makes a text for deliveries and one for notices of each.
func bothTables(texts ...string) (out []string) {
	for _, t := range texts {
		out = append(out,
			strings.NewReplacer("{table}", "deliveries", "{who}", delivery).Replace(t),
			strings.NewReplacer("{table}", "notices", "{who}", "'notice ' || d.id").Replace(t))
	}
	return out
}
