"""
The enumerations of the tenant, as LoanPro reference 2.2-2.15 lists them.

Kept apart from those of the client on purpose: a slip in either shows as a refusal.
"""

_WORDS = {
    "autopay.amountType": "feesDue nextDue pastDue piPastDue static",
    "autopay.methodType": "debit echeck eft",
    "autopay.recurringDate": "applyDate processDate",
    "autopay.recurringFrequency": (
        "annually biWeekly custom monthly quarterly semiMonthly semiannually single weekly"
    ),
    "autopay.schedulingType": "calendarDay",
    "autopay.status": "cancelled completed failed pending",
    "autopay.type": "multiple recurring recurringMatch single",
    "charge.types": "convenience late nsf other repossession",
    "collateral.gpsstatus": "installed none notinstalled",
    "collateral.type": "car consumer mortgage other",
    "company.country": "usa can",
    "customer.gender": "female male unknown",
    "customer.generationCode": "ii iii iv ix jr none sr v vi vii viii",
    "customer.idType": "employerNumber sin ssn",
    "customer.phoneType": "cell cellSmartPhone fax home office other",
    "customer.type": "company flooringCustomer individual",
    "customerEmployer.incomeFrequency": "annually biWeekly monthly semiMonthly weekly",
    "customerEmployer.payDateFrequency": "biWeekly monthly semiMonthly weekly",
    "customerReference.relation": "brother coWorker daughter father friend husband mother sister son wife",
    "geo.state": (
        "AA AE AK AL AP AR AS AZ CA CO CT DC DE FL FM GA GU HI IA ID IL IN KS KY LA MA MD ME MH MI MN MO "
        "MP MS MT NC ND NE NH NJ NM NV NY OH OK OR PA PR PW RI SC SD TN TX UT VA VI VT WA WI WV WY"
    ),
    "loan.apd.adjust.type": "fixed zero",
    "loan.begend": "beg end",
    "loan.businessduedates": "addDays disabled subtractDays",
    "loan.calcType": "interestOnly rule78 simpleIntLocked simpleInterest",
    "loan.cardfee.types": "0 1 2 3 4",
    "loan.class": "carLoan consumer mortgage other",
    "loan.creditbureau": (
        "00 01 02 03 04 06 08 0A 0G 11 12 13 15 17 18 1C 20 22 23 26 3A 47 5A 5B 6A 6B 6D 7A 89 90 91"
    ),
    "loan.creditstatus": "0 11 13 5 61 62 63 64 71 78 80 82 83 84 93 95 96 97 99 DA DF",
    "loan.curtailpercentbase": "loanAmount",
    "loan.customerRole": "primary secondary additional unassigned",
    "loan.daysInYear": "actual frequency",
    "loan.daysinperiod": (
        "1 10 12 120 13 15 18 180 182 1B 2 20 24 26 28 3 30 36 360 364 365 4 40 45 5 52 6 60 72 73 8 9 90 91"
    ),
    "loan.discountCalc": "full percentFixed percentage rebalancing straightLine",
    "loan.diyAlt": "no yes",
    "loan.ebilling": "no yes",
    "loan.ecoacodes": "0 1 2 7 T X Z A",
    "loan.endInterest": "loanExp no",
    "loan.escrowPercentBase": "basePayment loanAmount salesPrice",
    "loan.escrowProrateFirst": "full none shortOnly",
    "loan.feesPaidBy": "date period",
    "loan.firstPeriodDays": "actual forceRegular frequency",
    "loan.firstdayinterest": "no yes",
    "loan.frequency": "annually biWeekly custom monthly quarterly semiannually semimonthly single weekly",
    "loan.funding.auth": "ccd ppd tel web",
    "loan.funding.method": "cashdrawer deposit",
    "loan.funding.status": "failed none pending reversed success",
    "loan.interestApplication": "betweenPeriods betweenTransactions",
    "loan.lastasfinal": "no yes",
    "loan.lateFee": "1 2 3 4 5",
    "loan.lateFeeCalc": "current standard standardFee",
    "loan.latefeeapp": "payoff standard",
    "loan.latefeepercentbase": "escrow escrowHold hold regular",
    "loan.nddCalc": "interestOnly standard",
    "loan.pastdue": "include omitted",
    "loan.pmtdateapp": "actual last",
    "loan.rateType": "annually biweekly monthly semiannually semimonthly weekly",
    "loan.reportingtype": "C I M O R",
    "loan.rollScheduleSolve": (
        "advanced dollar interestOnly interestOnlyPlus percBalance percPrincUnder percPrincipal"
    ),
    "loan.rollScheduleSolveFor": "balance payment",
    "loan.stopInterestType": "resume suspend",
    "loan.type": "creditLimit flooring installment lease",
    "loanpromise.type": "insurance other payment",
    "nacha.returnCode": (
        "r01 r02 r03 r04 r05 r06 r07 r08 r09 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 "
        "r25 r26 r27 r28 r29 r30 r31 r32 r33 r34 r35"
    ),
    "payment.echeckauth": "CCD PPD TEL WEB",
    "payment.extra.periods": "next principalonly",
    "payment.extra.tx": "classic principal principalonly",
    "payment.reverse": "checkBounce clericalError nachaErrorCode nsf other",
    "payment.status": (
        "approved chargedBack failed inReview none pending pendingRefund refunded settled success "
        "voidDeclined voided"
    ),
    "transaction.type": "deposit withdrawal",
}

VOCABULARY = {group: tuple(f"{group}.{word}" for word in words.split()) for group, words in _WORDS.items()}
"""Group, as `collections(<group>)/items` takes it, to its values in full."""
