/**
 * The off-heap route table: layout, writer, lookup and explanation.
 *
 * <p>{@link io.penstock.route.RouteTableWriter} (control thread) makes immutable {@link io.penstock.route.RouteTable}s that
 * share what did not change; each worker's {@link io.penstock.route.RouteLookup} asks them with a
 * {@link io.penstock.route.RouteQuery}. Routes are tried in one total order, told in docs/ROUTING.md:
 *
 * <ol>
 *   <li>host: exact, then wildcards from the longest, then any;
 *   <li>path: exact, then template, then regex, then what leaves the end open (prefix, and template with a tail); within
 *       one kind more literal segments first, then a literal segment further left, and a tail before the prefix;
 *   <li>conditions: methods named before not named, then more header conditions, then more query conditions, then the
 *       narrower source network;
 *   <li>priority, the higher first;
 *   <li>name, then the match's place in its route.
 * </ol>
 *
 * The first whose every condition holds serves the request; a route that fails in anything leaves its place to the next,
 * under a less specific host too. If none is left and some failed in nothing but the method, the answer is 405.
 */
@NullMarked
package io.penstock.route;

import org.jspecify.annotations.NullMarked;
