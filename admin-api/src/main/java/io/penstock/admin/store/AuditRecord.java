package io.penstock.admin.store;

/**
 * One line of the audit log.
 *
 * @param number counts from 1 without gaps
 * @param hash SHA-256 over the previous line's hash and this line, in hex
 */
public record AuditRecord(long number, AuditEvent event, String hash) {}
