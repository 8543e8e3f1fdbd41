// Package policy is the component: it carries facts to `decide` and the
// decision back, and decides nothing itself. `build/go` is made from the `wit`
// folder by `hooke policy build`.
package policy

import (
	_ "embed"
	"fmt"
	"runtime"
	"strings"

	log "hooke.policy/my-policy/build/go/imports/hooke_policy_log"
	metrics "hooke.policy/my-policy/build/go/imports/hooke_policy_metrics"
	exported "hooke.policy/my-policy/build/go/imports/hooke_policy_policy"
	host "hooke.policy/my-policy/build/go/imports/hooke_policy_settings"
	types "hooke.policy/my-policy/build/go/imports/hooke_policy_types"
	wit "hooke.policy/my-policy/build/go/wit/types"
	"hooke.policy/my-policy/decide"
)

//go:embed settings.schema.json
var schema string

// Describe says what the policy is.
func Describe() exported.Description {
	return exported.Description{
		Name:           "my-policy",
		Version:        "0.1.0",
		Summary:        "Asks for one worker for each so many messages ready.",
		SettingsSchema: wit.Some(schema),
	}
}

// ValidateSettings says everything that is wrong with the settings.
func ValidateSettings(text string) (answer wit.Result[wit.Unit, []exported.SettingProblem]) {
	wrong := wit.Err[wit.Unit, []exported.SettingProblem]
	defer recovered(func(message string) {
		answer = wrong([]exported.SettingProblem{{Path: "", Message: message}})
	})
	_, problems := decide.Parse(text)
	if len(problems) == 0 {
		return wit.Ok[wit.Unit, []exported.SettingProblem](wit.Unit{})
	}
	var told []exported.SettingProblem
	for _, problem := range problems {
		told = append(told, exported.SettingProblem{Path: problem.Path, Message: problem.Message})
	}
	return wrong(told)
}

// EvaluateNeeds says what the profile needs now.
func EvaluateNeeds(profile string) (answer wit.Result[types.Needs, types.PolicyError]) {
	failed := wit.Err[types.Needs, types.PolicyError]
	defer recovered(func(message string) {
		answer = failed(types.MakePolicyErrorInternal(message))
	})
	settings, problems := decide.Parse(host.Json())
	if len(problems) > 0 {
		return failed(types.MakePolicyErrorInvalidSettings(joined(problems)))
	}
	facts, err := facts(profile)
	if err != nil {
		return failed(types.MakePolicyErrorMissingData(err.Error()))
	}
	decision, err := decide.Decide(settings, facts)
	if err != nil {
		return failed(types.MakePolicyErrorMissingData(err.Error()))
	}
	return wit.Ok[types.Needs, types.PolicyError](types.Needs{Delta: decision.Delta, Reason: decision.Reason})
}

// facts asks the host for all that the rule looks at.
func facts(profile string) (decide.Facts, error) {
	backlog, workers := metrics.Backlog(profile), metrics.Workers(profile)
	if backlog.IsErr() {
		return decide.Facts{}, missing(backlog.Err())
	}
	if workers.IsErr() {
		return decide.Facts{}, missing(workers.Err())
	}
	facts := decide.Facts{Quality: quality(backlog.Ok().Quality), Capacity: workers.Ok().Capacity}
	if ready := backlog.Ok().Ready; ready.IsSome() {
		messages := ready.Some()
		facts.Ready = &messages
	}
	return facts, nil
}

func quality(quality types.Quality) decide.Quality {
	switch quality {
	case types.Quality_Fresh:
		return decide.Fresh
	case types.Quality_Stale:
		return decide.Stale
	default:
		return decide.Missing
	}
}

func missing(why metrics.MetricsError) error {
	if why.Tag() == metrics.MetricsError_UnknownProfile {
		return fmt.Errorf("the site has no profile %s", why.UnknownProfile())
	}
	return fmt.Errorf("%s", why.Other())
}

func joined(problems []decide.Problem) string {
	var all []string
	for _, problem := range problems {
		all = append(all, strings.TrimPrefix(problem.Path+": "+problem.Message, ": "))
	}
	return strings.Join(all, "; ")
}

// recovered, when deferred, makes a panic an answer and a line in the host's
// log. Left alone it would be a trap, and its message many lines of the log.
func recovered(answer func(message string)) {
	if cause := recover(); cause != nil {
		message := fmt.Sprintf("panic: %v (%s)", cause, place())
		log.Write(log.Level_Error, message)
		answer(message)
	}
}

// place is where the panic that is being recovered from began.
func place() string {
	var counters [32]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(0, counters[:])])
	panicked := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicked && !inRuntime {
			return fmt.Sprintf("%s:%d", frame.File, frame.Line)
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
		if !more {
			return "place unknown"
		}
	}
}
