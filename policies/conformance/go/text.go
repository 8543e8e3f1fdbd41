package policy

import (
	"fmt"
	"math"
	"strings"

	cloud "conformance/build/go/imports/hooke_policy_cloud"
	memory "conformance/build/go/imports/hooke_policy_memory"
	metrics "conformance/build/go/imports/hooke_policy_metrics"
	types "conformance/build/go/imports/hooke_policy_types"
	wit "conformance/build/go/wit/types"
)

// Values of the contract as text, by the table of the README.

func quoted(text string) string { return `"` + text + `"` }

func optional[T any](value wit.Option[T], text func(T) string) string {
	if value.IsNone() {
		return "none"
	}
	return "some(" + text(value.Some()) + ")"
}

func whole[T uint32 | uint64](value wit.Option[T]) string {
	return optional(value, func(number T) string { return fmt.Sprint(number) })
}

func bits(value wit.Option[float64]) string {
	return optional(value, func(number float64) string {
		return fmt.Sprintf("%016x", math.Float64bits(number))
	})
}

func labels(labels []wit.Tuple2[string, string]) string {
	var pairs []string
	for _, label := range labels {
		pairs = append(pairs, quoted(label.F0)+"="+quoted(label.F1))
	}
	return "[" + strings.Join(pairs, ",") + "]"
}

func quality(quality types.Quality) string {
	switch quality {
	case types.Quality_Fresh:
		return "fresh"
	case types.Quality_Stale:
		return "stale"
	case types.Quality_Missing:
		return "missing"
	}
	panic("a quality that is none")
}

func vmState(state types.VmState) string {
	switch state.Tag() {
	case types.VmState_Pending:
		return "pending"
	case types.VmState_Booting:
		return "booting"
	case types.VmState_Running:
		return "running"
	case types.VmState_Draining:
		return "draining"
	case types.VmState_Suspending:
		return "suspending"
	case types.VmState_Suspended:
		return "suspended"
	case types.VmState_Stopped:
		return "stopped"
	case types.VmState_Terminating:
		return "terminating"
	case types.VmState_Failed:
		return "failed"
	case types.VmState_Other:
		return named("other", state.Other())
	}
	panic("a state that is none")
}

func named(name, text string) string { return name + "(" + quoted(text) + ")" }

func metricsError(why metrics.MetricsError) string {
	if why.Tag() == metrics.MetricsError_UnknownProfile {
		return named("unknown-profile", why.UnknownProfile())
	}
	return named("other", why.Other())
}

// stored is a result of the memory.
func stored(result wit.Result[wit.Unit, memory.MemoryError]) string {
	if result.IsOk() {
		return "ok"
	}
	why := result.Err()
	if why.Tag() == memory.MemoryError_TooLarge {
		return fmt.Sprintf("err too-large(%d)", why.TooLarge())
	}
	return "err " + named("other", why.Other())
}

// asked is a result of the cloud.
func asked(result wit.Result[wit.Unit, cloud.Refusal]) string {
	if result.IsOk() {
		return "ok"
	}
	why := result.Err()
	switch why.Tag() {
	case cloud.Refusal_UnknownVm:
		return "err " + named("unknown-vm", why.UnknownVm())
	case cloud.Refusal_UnknownWorker:
		return "err " + named("unknown-worker", why.UnknownWorker())
	case cloud.Refusal_UnknownImage:
		return "err " + named("unknown-image", why.UnknownImage())
	case cloud.Refusal_WrongState:
		return "err " + named("wrong-state", why.WrongState())
	case cloud.Refusal_Busy:
		return "err " + named("busy", why.Busy())
	case cloud.Refusal_OverLimit:
		return "err " + named("over-limit", why.OverLimit())
	}
	return "err " + named("other", why.Other())
}
