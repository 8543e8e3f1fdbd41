package policy

import (
	"fmt"
	"math"
	"strings"

	cloud "conformance/build/go/imports/hooke_policy_cloud"
	log "conformance/build/go/imports/hooke_policy_log"
	memory "conformance/build/go/imports/hooke_policy_memory"
	metrics "conformance/build/go/imports/hooke_policy_metrics"
	wit "conformance/build/go/wit/types"
)

var levels = []struct {
	name  string
	level log.Level
}{
	{"debug", log.Level_Debug},
	{"info", log.Level_Info},
	{"warn", log.Level_Warn},
	{"error", log.Level_Error},
}

// factsText is every question that a policy may ask, with its answer.
func factsText(settings, profile string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "settings \"%s\"\nasked \"%s\"\nenabled", settings, profile)
	for _, level := range levels {
		fmt.Fprintf(&out, " %s=%t", level.name, log.Enabled(level.level))
	}
	hex := func(bytes []byte) string { return fmt.Sprintf("%x", bytes) }
	fmt.Fprintf(&out, "\nmemory %s\n", optional(memory.Load(), hex))
	fmt.Fprintf(&out, "now-ms %d\n", metrics.NowMs())
	fmt.Fprintf(&out, "site \"%s\"\n", metrics.Site())
	list(&out, "profiles", metrics.Profiles(), quoted)
	ofProfile(&out, profile)
	ofProfile(&out, nobody)
	return out.String()
}

func ofProfile(out *strings.Builder, profile string) {
	one(out, "bounds", metrics.Bounds(profile), boundsText)
	one(out, "backlog", metrics.Backlog(profile), backlogText)
	one(out, "workers", metrics.Workers(profile), workersText)
	many(out, "queues", metrics.Queues(profile), queueText)
	many(out, "vms", metrics.Vms(profile), vmText)
	many(out, "idle-vms", metrics.IdleVms(profile, 0, math.MaxUint32), vmText)
	many(out, "idle-vms", metrics.IdleVms(profile, math.MaxUint64, 0), vmText)
}

func one[T any](out *strings.Builder, name string, got wit.Result[T, metrics.MetricsError], line func(T) string) {
	if got.IsErr() {
		fmt.Fprintf(out, "%s err %s\n", name, metricsError(got.Err()))
	} else {
		fmt.Fprintf(out, "%s ok %s\n", name, line(got.Ok()))
	}
}

func many[T any](out *strings.Builder, name string, got wit.Result[[]T, metrics.MetricsError], line func(T) string) {
	if got.IsErr() {
		fmt.Fprintf(out, "%s err %s\n", name, metricsError(got.Err()))
	} else {
		list(out, name+" ok", got.Ok(), line)
	}
}

func list[T any](out *strings.Builder, name string, items []T, line func(T) string) {
	fmt.Fprintf(out, "%s %d\n", name, len(items))
	for _, item := range items {
		fmt.Fprintf(out, "- %s\n", line(item))
	}
}

func boundsText(bounds metrics.WorkerBounds) string {
	return fmt.Sprintf("minimum=%d maximum=%d", bounds.Minimum, bounds.Maximum)
}

func backlogText(sums metrics.BacklogSums) string {
	return fmt.Sprintf("quality=%s age-ms=%d ready=%s unacked=%s consumers=%s arrival-rate=%s service-rate=%s idle-ms=%s",
		quality(sums.Quality), sums.AgeMs, whole(sums.Ready), whole(sums.Unacked), whole(sums.Consumers),
		bits(sums.ArrivalRate), bits(sums.ServiceRate), whole(sums.IdleMs))
}

func workersText(counts metrics.WorkerCounts) string {
	return fmt.Sprintf("capacity=%d serving=%d booting=%d draining=%d idle=%d busy=%d unknown=%d idle-beyond-first=%d",
		counts.Capacity, counts.Serving, counts.Booting, counts.Draining, counts.Idle, counts.Busy,
		counts.Unknown, counts.IdleBeyondFirst)
}

func queueText(queue metrics.Queue) string {
	return fmt.Sprintf("name=\"%s\" quality=%s age-ms=%d ready=%s unacked=%s consumers=%s arrival-rate=%s service-rate=%s idle-ms=%s own-workers=%d labels=%s",
		queue.Name, quality(queue.Quality), queue.AgeMs, whole(queue.Ready), whole(queue.Unacked),
		whole(queue.Consumers), bits(queue.ArrivalRate), bits(queue.ServiceRate), whole(queue.IdleMs),
		queue.OwnWorkers, labels(queue.Labels))
}

func vmText(vm metrics.Vm) string {
	return fmt.Sprintf("id=\"%s\" image=\"%s\" state=%s age-ms=%d idle-ms=%s vcpus=%d load=%s workers=%d workers-all=%d labels=%s",
		vm.Id, vm.Image, vmState(vm.State), vm.AgeMs, whole(vm.IdleMs), vm.Vcpus, bits(vm.Load), vm.Workers,
		vm.WorkersAll, labels(vm.Labels))
}

// actionsText is every action that a policy may ask for, with its answer.
func actionsText(profile string) string {
	why := "why " + text
	targets := []metrics.Vm{{Id: nobody, Image: nobody}}
	if vms := metrics.Vms(profile); vms.IsOk() {
		targets = append(targets, vms.Ok()...)
	}
	var out strings.Builder
	for _, vm := range targets {
		fmt.Fprintf(&out, "launch \"%s\" %s\n", vm.Image, asked(cloud.Launch(vm.Image, why)))
		fmt.Fprintf(&out, "resume \"%s\" %s\n", vm.Id, asked(cloud.Resume(vm.Id, why)))
		fmt.Fprintf(&out, "suspend \"%s\" %s\n", vm.Id, asked(cloud.Suspend(vm.Id, why)))
		fmt.Fprintf(&out, "terminate \"%s\" %s\n", vm.Id, asked(cloud.Terminate(vm.Id, why)))
		fmt.Fprintf(&out, "start-worker \"%s\" %s\n", vm.Id, asked(cloud.StartWorker(vm.Id, why)))
		fmt.Fprintf(&out, "stop-worker \"%s\" %s\n", vm.Id, asked(cloud.StopWorker(vm.Id, why)))
	}
	return out.String()
}
