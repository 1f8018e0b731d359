// Package schedule turns a cadence and a reader's clock into slots: a label
// that is the same in every time zone, and the instant at which the label falls
// due in one zone.
//
// Start with [NewPlan]. Cron lines are read by robfig/cron, which is not asked
// when they are due: it skips the hour that is missing in spring and fires
// twice in the one that is doubled in autumn. Here a missing local time falls
// due at the first instant after the gap, a doubled one at its first.
//
// Whether a slot was taken already is not known here: the database knows.
package schedule
