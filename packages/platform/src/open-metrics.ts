/** What can be counted about a running house, in Prometheus form. Labels are few and closed: no ids, no names of users. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export interface Metrics {
  readonly requestSeconds: Histogram<"method" | "route" | "status">;
  readonly searchSeconds: Histogram<"mode">;
  readonly answerSeconds: Histogram<"outcome">;
  readonly portSeconds: Histogram<"port" | "call">;
  readonly portErrors: Counter<"port" | "call" | "code">;
  readonly embeddedTexts: Counter<"kind">;
  readonly generatedTokens: Counter<"kind">;
  readonly jobsEnded: Counter<"kind" | "outcome">;
  readonly jobSeconds: Histogram<"kind">;
  readonly documents: Counter<"outcome">;
  /** Prometheus text; `gauges` are read at that moment. */
  render(gauges: Readonly<Record<string, Readonly<Record<string, number>>>>): Promise<string>;
  close(): void;
}

/** A registry of its own for each platform, so that two in one process do not meet. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const histogram = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name: `lorekeep_${name}`, help, labelNames, buckets, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `lorekeep_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `lorekeep_${name}`, help, labelNames, registers });

  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const lagSeconds = gauge("event_loop_lag_seconds", "Event loop delay since the last scrape, by quantile.", [
    "quantile",
  ]);
  const resident = gauge("resident_memory_bytes", "Resident memory of this process.");
  const states = gauge("count", "Things by kind and state.", ["kind", "state"]);
  const startedAt = gauge("start_time_seconds", "Unix time at which this process opened the house.");
  startedAt.set(Date.now() / 1000);

  return {
    requestSeconds: histogram("http_request_seconds", "HTTP requests.", ["method", "route", "status"], REQUEST_SECONDS),
    searchSeconds: histogram("search_seconds", "Searches, embedding of the query included.", ["mode"], CALL_SECONDS),
    answerSeconds: histogram("answer_seconds", "Chat answers.", ["outcome"], REQUEST_SECONDS),
    portSeconds: histogram("port_call_seconds", "Calls of drivers.", ["port", "call"], CALL_SECONDS),
    portErrors: counter("port_errors_total", "Calls of drivers that threw, by error code.", ["port", "call", "code"]),
    embeddedTexts: counter("embedded_texts_total", "Texts embedded.", ["kind"]),
    generatedTokens: counter("generator_tokens_total", "Tokens read and written by the generator.", ["kind"]),
    jobsEnded: counter("jobs_ended_total", "Runs of jobs that ended in this process.", ["kind", "outcome"]),
    jobSeconds: histogram("job_seconds", "Runs of jobs in this process.", ["kind"], [0.01, 0.1, 1, 10, 60, 600, 3600]),
    documents: counter("documents_total", "Documents that came in.", ["outcome"]),
    render: async (gauges) => {
      resident.set(process.memoryUsage.rss());
      lagSeconds.set({ quantile: "0.5" }, lag.percentile(50) / 1e9);
      lagSeconds.set({ quantile: "0.99" }, lag.percentile(99) / 1e9);
      lagSeconds.set({ quantile: "1" }, lag.max / 1e9);
      lag.reset();
      states.reset();
      for (const [kind, byState] of Object.entries(gauges))
        for (const [state, value] of Object.entries(byState)) states.set({ kind, state }, value);
      return registry.metrics();
    },
    close: () => {
      lag.disable();
      registry.clear();
    },
  };
}
