// Package bench measures matching on synthetic events, next to a program that a user would pick instead.
//
// In: a [Workload], which a seed makes repeatable. Out: rates, and whether the other program found the same.
package bench
