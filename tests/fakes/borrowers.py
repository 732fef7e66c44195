"""A template for borrowers and their loans in one file: two steps, a link, a total, and rows that are left out."""

TEMPLATE = """
template: 1
title: Borrowers and loans
rows: {header: 1, skip_if: {column: Status, is: [Test]}}
steps:
  - operation: customers.create
    key: customId
    tenant_defaults: true
    fields:
      customId: Borrower
      firstName: First
      lastName: {value: Doe}
      email: Email
  - operation: loans.create
    key: displayId
    tenant_defaults: true
    links:
      Customers: {to: customers, by: customId, column: Borrower, role: primary}
    fields:
      displayId: Loan
      LoanSetup.loanAmount: {column: Amount, as: money}
      LoanSetup.loanRate: {column: Rate, as: percent}
      LoanSetup.loanRateType: {value: loan.rateType.annually}
totals: [LoanSetup.loanAmount]
"""
