"""The layout of the tenant's file; another one gets another version."""

VERSION = 1

SCHEMA = """
CREATE TABLE tenant (id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, next_nested INTEGER NOT NULL);
CREATE TABLE loans (
    id INTEGER PRIMARY KEY, display_id TEXT, deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL
);
CREATE INDEX loans_display_id ON loans (display_id);
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, custom_id TEXT, ssn TEXT, email TEXT, deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL
);
CREATE INDEX customers_custom_id ON customers (custom_id);
CREATE INDEX customers_ssn ON customers (ssn);
CREATE INDEX customers_email ON customers (email);
CREATE TABLE nested (id INTEGER PRIMARY KEY, owner TEXT, owner_id INTEGER, list TEXT, body TEXT NOT NULL);
CREATE INDEX nested_owner ON nested (owner_id, list);
CREATE INDEX nested_list ON nested (list);
CREATE TABLE links (
    loan INTEGER, list TEXT, target INTEGER, role TEXT, PRIMARY KEY (loan, list, target)
) WITHOUT ROWID;
CREATE INDEX links_target ON links (list, target);
CREATE TABLE marks (kind TEXT, value TEXT, owner INTEGER, PRIMARY KEY (kind, value, owner)) WITHOUT ROWID;
CREATE INDEX marks_owner ON marks (owner, kind);
CREATE TABLE unsearched (seq INTEGER PRIMARY KEY, entity TEXT, id INTEGER, at REAL);
CREATE VIRTUAL TABLE search_loans USING fts5 (displayId, title, customerName);
CREATE VIRTUAL TABLE search_customers USING fts5 (
    customerName, firstName, lastName, companyName, email, ssn, customId, primaryPhone, city, zipcode, state,
    employer_companyName, accessUserName
);
PRAGMA user_version = 1;
"""
