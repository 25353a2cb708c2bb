// Package countermeasure lays out the conditions under which international law lets a state answer a wrong with what would otherwise be
// one: the articles on state responsibility (ARSIWA 22 and 49 to 54) and the Tallinn Manual 2.0 (rules 20 to 25).
//
// In go what is known of an operation and, where there is one, a plan; out comes each condition as met, not met or unknown, with its
// evidence and with what is missing. What is disputed among states and writers stands apart.
//
// Invariants: nothing is met or not met without evidence. There is no verdict over all conditions, and no text of this package calls a
// measure permitted: that is for the lawyers of those who take it. What a planner states and what the records say is never merged;
// where they contradict each other, the condition is unknown and shows both.
package countermeasure
