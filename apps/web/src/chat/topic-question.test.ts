import { expect, test } from "vitest";
import { topicQuestion } from "./topic-question.ts";

const t = ((key: string) => key) as never;

test.each([
  ["How often is the pump serviced?", "not_supported", "How often is the pump serviced?"],
  ["水泵多久保养一次？", "not_supported", "水泵多久保养一次？"],
  ["Harbour rules.pdf", "which_document", "Harbour rules.pdf"],
  ["Harbour rules.pdf", "not_supported", "chat.summariseQuestion"],
  ["港口规定.docx", "not_supported", "chat.summariseQuestion"],
  ["Lost property", "not_supported", "Lost property"],
  ["Version 2.5 of the rules", "nothing_found", "Version 2.5 of the rules"],
])("G2 a click on the topic “%s” of a refusal for %s asks %s", (topic, reason, asked) => {
  expect(topicQuestion(topic, reason, t)).toBe(asked);
});
