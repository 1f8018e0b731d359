package publish

import (
	"errors"

	"tidings.example/mailer"
)

// Stage is a part of a round.
type Stage string

// The stages of a round.
const (
	StageSources Stage = "sources"
	StageFeeds   Stage = "feeds"
	StageIssues  Stage = "issues"
)

// Step is what is done to a source, one after the other.
type Step string

// The steps of a source.
const (
	StepBefore  Step = "before"
	StepOpen    Step = "open"
	StepScan    Step = "scan"
	StepRelease Step = "release"
	StepRender  Step = "render"
)

// Failure is one thing in a round that did not succeed.
type Failure struct {
	Stage Stage
	// Name is the source or the digest, "" where it is none's.
	Name string
	// Step is where a source failed.
	Step Step
	Err  error
}

// Ticked notes what a tick of the issues did. A fault of each digest is a
// failure of its own.
func (r *Round) Ticked(report mailer.Report, err error) {
	r.Issues = &report
	r.Stages = append(r.Stages, StageIssues)
	for _, err := range parts(err) {
		f := Failure{Stage: StageIssues, Err: err}
		if d, ok := errors.AsType[*mailer.DigestError](err); ok {
			f.Name = d.Digest
		}
		r.Failures = append(r.Failures, f)
	}
}

// parts takes joined errors apart.
func parts(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
