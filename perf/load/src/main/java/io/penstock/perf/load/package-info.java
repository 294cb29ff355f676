/** Gatling suites against a running gateway, and the small upstream that stands behind it when there is no other. */
@NullMarked
package io.penstock.perf.load;

import org.jspecify.annotations.NullMarked;
